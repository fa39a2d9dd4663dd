#include "jpeg_encode.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

struct escape {
  struct jpeg_error_mgr errors;
  jmp_buf place;
};

static void fail(j_common_ptr info) { longjmp(((struct escape *)info->err)->place, 1); }

static void be_silent(j_common_ptr info) { (void)info; }

uint8_t *tm_jpeg_encode_rgb(const uint8_t *pixels, int width, int height, int quality, size_t *size) {
  struct escape escape;
  struct jpeg_compress_struct target;
  // Both change behind setjmp and are read after a longjmp.
  unsigned char *volatile stream = NULL;
  volatile unsigned long count = 0;
  target.err = jpeg_std_error(&escape.errors);
  escape.errors.error_exit = fail;
  escape.errors.output_message = be_silent;
  if (setjmp(escape.place)) {
    jpeg_destroy_compress(&target);
    free(stream);
    return NULL;
  }
  jpeg_create_compress(&target);
  jpeg_mem_dest(&target, (unsigned char **)&stream, (unsigned long *)&count);
  target.image_width = (JDIMENSION)width;
  target.image_height = (JDIMENSION)height;
  target.input_components = 3;
  target.in_color_space = JCS_RGB;
  jpeg_set_defaults(&target);
  jpeg_set_quality(&target, quality, TRUE);
  jpeg_start_compress(&target, TRUE);
  while (target.next_scanline < target.image_height) {
    JSAMPROW row = (JSAMPROW)pixels + (size_t)target.next_scanline * 3 * (size_t)width;
    jpeg_write_scanlines(&target, &row, 1);
  }
  jpeg_finish_compress(&target);
  jpeg_destroy_compress(&target);
  *size = count;
  return stream;
}

void tm_jpeg_release(uint8_t *stream) { free(stream); }
