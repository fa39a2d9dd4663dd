// bare-jpeg standard|optimised FILE… decodes each JPEG to RGB and encodes it at quality 90, 4:2:0, with libjpeg
// and nothing else. The streams stay in memory.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

/// Decodes `file` into `*pixels`, which grows as needed; the size goes to `*width` and `*height`.
static int decode(FILE *file, unsigned char **pixels, size_t *capacity, JDIMENSION *width, JDIMENSION *height) {
  struct jpeg_error_mgr errors;
  struct jpeg_decompress_struct source = {.err = jpeg_std_error(&errors)};
  jpeg_create_decompress(&source);
  jpeg_stdio_src(&source, file);
  jpeg_read_header(&source, TRUE);
  source.out_color_space = JCS_RGB;
  jpeg_start_decompress(&source);
  size_t stride = (size_t)source.output_width * 3, size = stride * source.output_height;
  if (size > *capacity) {
    free(*pixels);
    *pixels = malloc(size);
    *capacity = size;
    if (*pixels == NULL) return -1;
  }
  while (source.output_scanline < source.output_height) {
    JSAMPROW row = *pixels + source.output_scanline * stride;
    jpeg_read_scanlines(&source, &row, 1);
  }
  *width = source.output_width;
  *height = source.output_height;
  jpeg_finish_decompress(&source);
  jpeg_destroy_decompress(&source);
  return 0;
}

static void encode(unsigned char *pixels, JDIMENSION width, JDIMENSION height, boolean optimise) {
  struct jpeg_error_mgr errors;
  struct jpeg_compress_struct target = {.err = jpeg_std_error(&errors)};
  jpeg_create_compress(&target);
  unsigned char *stream = NULL;
  unsigned long size = 0;
  jpeg_mem_dest(&target, &stream, &size);
  target.image_width = width;
  target.image_height = height;
  target.input_components = 3;
  target.in_color_space = JCS_RGB;
  jpeg_set_defaults(&target);
  jpeg_set_quality(&target, 90, TRUE);
  target.optimize_coding = optimise;
  jpeg_start_compress(&target, TRUE);
  while (target.next_scanline < height) {
    JSAMPROW row = pixels + (size_t)target.next_scanline * width * 3;
    jpeg_write_scanlines(&target, &row, 1);
  }
  jpeg_finish_compress(&target);
  jpeg_destroy_compress(&target);
  free(stream);
}

int main(int count, char **arguments) {
  if (count < 3) return 64;
  boolean optimise = strcmp(arguments[1], "optimised") == 0;
  unsigned char *pixels = NULL;
  size_t capacity = 0;
  for (int index = 2; index < count; index++) {
    FILE *file = fopen(arguments[index], "rb");
    if (file == NULL) {
      perror(arguments[index]);
      return 66;
    }
    JDIMENSION width, height;
    int result = decode(file, &pixels, &capacity, &width, &height);
    fclose(file);
    if (result != 0) return 71;
    encode(pixels, width, height, optimise);
  }
  free(pixels);
  return 0;
}
