// bare decode|recode|size FILE… decodes each JPEG or PNG to RGB, and with `recode` encodes it again: JPEG at quality 90,
// 4:2:0 with libjpeg, PNG at libpng's level 6. Streams stay in memory and nothing else is done. `size` does what `recode` does
// and prints the bytes of all encodings together.
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

static unsigned char *pixels;
static size_t capacity;
// Bytes of all encodings.
static size_t written;

static void reserve(size_t size) {
  if (size <= capacity) return;
  free(pixels);
  pixels = malloc(size);
  capacity = size;
  if (pixels == NULL) exit(71);
}

static void jpeg(FILE *file, int is_recoded) {
  struct jpeg_error_mgr errors;
  struct jpeg_decompress_struct source = {.err = jpeg_std_error(&errors)};
  jpeg_create_decompress(&source);
  jpeg_stdio_src(&source, file);
  jpeg_read_header(&source, TRUE);
  source.out_color_space = JCS_RGB;
  jpeg_start_decompress(&source);
  size_t stride = (size_t)source.output_width * 3;
  reserve(stride * source.output_height);
  while (source.output_scanline < source.output_height) {
    JSAMPROW row = pixels + source.output_scanline * stride;
    jpeg_read_scanlines(&source, &row, 1);
  }
  JDIMENSION width = source.output_width, height = source.output_height;
  jpeg_finish_decompress(&source);
  jpeg_destroy_decompress(&source);
  if (!is_recoded) return;
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
  jpeg_start_compress(&target, TRUE);
  while (target.next_scanline < height) {
    JSAMPROW row = pixels + target.next_scanline * stride;
    jpeg_write_scanlines(&target, &row, 1);
  }
  jpeg_finish_compress(&target);
  jpeg_destroy_compress(&target);
  written += size;
  free(stream);
}

static void count(png_structp png, png_bytep bytes, size_t size) {
  (void)png;
  (void)bytes;
  written += size;
}
static void flush(png_structp png) { (void)png; }

static void png(FILE *file, int is_recoded) {
  png_structp reader = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct(reader);
  if (setjmp(png_jmpbuf(reader))) exit(65);
  png_init_io(reader, file);
  png_read_info(reader, info);
  png_set_expand(reader);
  png_set_strip_16(reader);
  png_set_strip_alpha(reader);
  png_set_gray_to_rgb(reader);
  png_set_interlace_handling(reader);
  png_read_update_info(reader, info);
  png_uint_32 width = png_get_image_width(reader, info), height = png_get_image_height(reader, info);
  size_t stride = png_get_rowbytes(reader, info);
  reserve(stride * height);
  png_bytep *rows = malloc(height * sizeof *rows);
  for (png_uint_32 y = 0; y < height; y++) rows[y] = pixels + y * stride;
  png_read_image(reader, rows);
  png_read_end(reader, NULL);
  png_destroy_read_struct(&reader, &info, NULL);
  if (is_recoded) {
    png_structp writer = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop header = png_create_info_struct(writer);
    if (setjmp(png_jmpbuf(writer))) exit(70);
    png_set_write_fn(writer, NULL, count, flush);
    png_set_compression_level(writer, 6);
    png_set_IHDR(writer, header, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(writer, header);
    png_write_image(writer, rows);
    png_write_end(writer, header);
    png_destroy_write_struct(&writer, &header);
  }
  free(rows);
}

int main(int arguments, char **argument) {
  if (arguments < 3) return 64;
  int is_sized = strcmp(argument[1], "size") == 0, is_recoded = is_sized || strcmp(argument[1], "recode") == 0;
  for (int index = 2; index < arguments; index++) {
    FILE *file = fopen(argument[index], "rb");
    if (file == NULL) return 66;
    int first = getc(file);
    rewind(file);
    (first == 0xFF ? jpeg : png)(file, is_recoded);
    fclose(file);
  }
  free(pixels);
  if (is_sized) printf("%zu\n", written);
  // So that the encoder's output counts as used.
  return written == 1;
}
