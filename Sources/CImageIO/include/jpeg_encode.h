#pragma once
#include <stddef.h>
#include <stdint.h>

/// Encodes `pixels`, three bytes each, as a whole JFIF file: 4:2:0, standard Huffman tables. `size` receives its bytes. Null
/// for a size that libjpeg does not encode, or without memory; to be released with `tm_jpeg_release`.
uint8_t *tm_jpeg_encode_rgb(const uint8_t *pixels, int width, int height, int quality, size_t *size);

void tm_jpeg_release(uint8_t *stream);
