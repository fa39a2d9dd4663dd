// Decodes and encodes each JPEG named at quality 90, 4:2:0, with libjpeg-turbo and nothing else.
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

int main(int count, char **names) {
  unsigned char *pixels = malloc(1u << 28);
  for (int i = 1; i < count; i++) {
    FILE *file = fopen(names[i], "rb");
    if (file == NULL || pixels == NULL) return 1;
    struct jpeg_error_mgr errors;
    struct jpeg_decompress_struct source = {.err = jpeg_std_error(&errors)};
    jpeg_create_decompress(&source);
    jpeg_stdio_src(&source, file);
    jpeg_read_header(&source, TRUE);
    jpeg_start_decompress(&source);
    size_t stride = (size_t)source.output_width * 3;
    while (source.output_scanline < source.output_height) {
      JSAMPROW row = pixels + source.output_scanline * stride;
      jpeg_read_scanlines(&source, &row, 1);
    }
    fclose(file);
    struct jpeg_compress_struct target = {.err = &errors};
    jpeg_create_compress(&target);
    unsigned char *stream = NULL;
    unsigned long size = 0;
    jpeg_mem_dest(&target, &stream, &size);
    target.image_width = source.output_width;
    target.image_height = source.output_height;
    target.input_components = 3;
    target.in_color_space = JCS_RGB;
    jpeg_set_defaults(&target);
    jpeg_set_quality(&target, 90, TRUE);
    jpeg_start_compress(&target, TRUE);
    while (target.next_scanline < target.image_height) {
      JSAMPROW row = pixels + target.next_scanline * stride;
      jpeg_write_scanlines(&target, &row, 1);
    }
    jpeg_finish_compress(&target);
    jpeg_destroy_compress(&target);
    jpeg_finish_decompress(&source);
    jpeg_destroy_decompress(&source);
    file = fopen("/dev/null", "wb");
    if (file == NULL || fwrite(stream, 1, size, file) != size) return 1;
    fclose(file);
    free(stream);
  }
  free(pixels);
  return 0;
}
