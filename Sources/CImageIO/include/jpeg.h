#pragma once
#include <stddef.h>
#include <stdint.h>

/// One file's coefficients in libjpeg's memory, between reading and writing. Every call that can fail returns a status,
/// and no `longjmp` leaves the C code.
typedef struct tm_jpeg tm_jpeg;

/// How a call ended; anything but `TM_JPEG_OK` leaves a message.
typedef enum {
  TM_JPEG_OK = 0,
  /// The library called the data corrupt, an ordinary warning included: half a picture is no picture.
  TM_JPEG_MALFORMED,
  /// A process or precision that the library does not decode.
  TM_JPEG_UNSUPPORTED,
  /// More scans than an honest file has.
  TM_JPEG_LIMIT,
  TM_JPEG_NO_MEMORY,
  /// The library was used wrongly.
  TM_JPEG_FAULT
} tm_jpeg_status;

/// A component of the frame. Blocks are 8 × 8 coefficients in natural order.
typedef struct {
  int horizontal;
  int vertical;
  /// Blocks that hold samples of the picture; rows and columns beyond pad to whole MCUs.
  int width_in_blocks;
  int height_in_blocks;
  /// Quantiser steps in natural order.
  uint16_t quantization[64];
} tm_jpeg_component;

/// A handle; null without memory. It refers to the bytes given to `tm_jpeg_read` and must not outlive them.
tm_jpeg *tm_jpeg_create(void);
void tm_jpeg_destroy(tm_jpeg *jpeg);

/// What the last failed call has to say, and libjpeg's own number for it.
const char *tm_jpeg_message(const tm_jpeg *jpeg);
int tm_jpeg_code(const tm_jpeg *jpeg);

/// Reads all scans of the stream `bytes`, at least up to SOI; `end` receives the bytes up to and including EOI.
tm_jpeg_status tm_jpeg_read(tm_jpeg *jpeg, const uint8_t *bytes, size_t size, size_t *end);

/// Components that were read, and one of them.
int tm_jpeg_component_count(const tm_jpeg *jpeg);
tm_jpeg_component tm_jpeg_component_at(const tm_jpeg *jpeg, int index);

/// The blocks of one block row of a component, 64 coefficients each; null when it cannot be had.
int16_t *tm_jpeg_block_row(tm_jpeg *jpeg, int component, int row);

/// To be called with each block that was edited: notes whether the file's own Huffman tables can code it.
void tm_jpeg_edited(tm_jpeg *jpeg, int component, const int16_t *block);

/// Encodes the coefficients with the process, tables, scans and restart interval they were read with, from SOI to EOI
/// without APPn and COM segments. Huffman tables that lack a symbol are replaced by optimal ones. The stream belongs to
/// the handle.
tm_jpeg_status tm_jpeg_write(tm_jpeg *jpeg, const uint8_t **stream, size_t *size);
