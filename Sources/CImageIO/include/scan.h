#pragma once
#include <stdint.h>

#include "huffman.h"

/// What is known of a block, and bytes that one can take and more.
enum { tm_block_undecoded, tm_block_decoded, tm_block_edited, tm_block_bytes = 512 };

/// Components of a scan at most (T.81 B.2.3).
enum { tm_scan_components = 4 };

/// A block of every MCU: which one of its component's blocks it is, and how it is coded.
typedef struct {
  /// The tables that its first coefficient and the others were coded with, and those that they are written with.
  const tm_huffman_table *dc;
  const tm_huffman_table *ac;
  const tm_huffman_table *new_dc;
  const tm_huffman_table *new_ac;
  /// Of all blocks of the component, row by row: 64 coefficients and a state each.
  int16_t *coefficients;
  uint8_t *states;
  int64_t columns;
  int64_t rows;
  /// Blocks of an MCU, and the place of this one among them.
  int32_t horizontal;
  int32_t vertical;
  int32_t column;
  int32_t row;
  int32_t component;
  /// Whether a walk decodes it.
  int32_t is_decoded;
} tm_scan_part;

/// A sequential scan. `order` and `rows` as loops over blocks have them.
typedef struct {
  const tm_scan_part *parts;
  int64_t part_count;
  int64_t mcu_columns;
  /// Data without stuffed bytes, which goes on for more bytes than a block can take.
  const uint8_t *bytes;
  /// The natural place of each coefficient and zeros behind, 256 in all.
  const uint8_t *order;
  /// For row v and a bit for each of its coefficients, at 256 v + bits: a bit for each of them in coded order.
  const uint64_t *rows;
  /// Of each block in the order of the scan, and of what follows: its first bit; and its first coefficient as read.
  uint32_t *positions;
  int16_t *first;
} tm_scan;

/// Reads MCUs `mcu` to `end`, a restart interval from bit `position` to `limit`: notes where blocks stand, and decodes those that are to
/// be. Returns the bit behind them, -1 where they are none.
int64_t tm_scan_walk(const tm_scan *scan, int64_t mcu, int64_t end, int64_t position, int64_t limit);

/// How far a restart interval is written, and what stood before: begins with its first MCU and bit, and zeros.
typedef struct {
  int64_t mcu;
  /// The bit of the source up to which all is written.
  int64_t position;
  /// Bytes that the next MCU asks for.
  int64_t room;
  /// The first coefficient of each component's last block, as it was and as it is.
  int32_t old[tm_scan_components];
  int32_t now[tm_scan_components];
} tm_splice;

/// All is written; a table lacks a code; there is less room than `room` before `limit`.
enum { tm_splice_done, tm_splice_lacking, tm_splice_full };

/// Writes MCUs up to `end`: edited blocks coded anew, and the bits of all others before the last of them copied.
int tm_scan_splice(const tm_scan *scan, tm_splice *state, int64_t end, tm_bit_queue *queue, const uint8_t *limit);

/// How many of `count` bytes are 0xFF, behind which a zero is stuffed.
int64_t tm_count_stuffed(const uint8_t *bytes, int64_t count);
