#include "huffman.h"

#include "huffman_block.h"
#include "scan.h"

// Where a block's coefficients and its state stand, -1 for one that pads the picture to whole MCUs.
BODY int64_t place_of(const tm_scan_part *part, int64_t row, int64_t column) {
  int64_t y = row * part->vertical + part->row, x = column * part->horizontal + part->column;
  return y < part->rows && x < part->columns ? y * part->columns + x : -1;
}

BODY int read_first(bit_source *source, const tm_huffman_table *table, int32_t *difference) {
  uint32_t entry = entry_at(table, source->window);
  refill(source);
  if (entry == 0) return 0;
  *difference = value_at(source->window, entry);
  consume(source, entry & 63);
  return 1;
}

BODY int64_t walk(const tm_scan *scan, int64_t mcu, int64_t end, int64_t position, int64_t limit) {
  int32_t predictors[tm_scan_components] = {0};
  bit_source source = source_at(scan->bytes, position);
  int64_t row = mcu / scan->mcu_columns, column = mcu % scan->mcu_columns, block = mcu * scan->part_count;
  for (; mcu < end; mcu++) {
    for (int index = 0; index < scan->part_count; index++, block++) {
      const tm_scan_part *part = scan->parts + index;
      scan->positions[block] = (uint32_t)position;
      int32_t difference;
      if (!read_first(&source, part->dc, &difference)) return -1;
      int32_t first = predictors[part->component] += difference;
      if (first != (int16_t)first) return -1;
      scan->first[block] = (int16_t)first;
      int64_t place = part->is_decoded ? place_of(part, row, column) : -1;
      if (place < 0) {
        if (!skip(&source, part->ac)) return -1;
      } else {
        int16_t *target = part->coefficients + 64 * place;
        if (!read(&source, part->ac, scan->order, target, (int16_t)first)) return -1;
        part->states[place] = tm_block_decoded;
      }
      position = position_of(&source, scan->bytes);
      if (position > limit) return -1;
    }
    if (++column == scan->mcu_columns) {
      column = 0;
      row++;
    }
  }
  return position;
}

BODY void copy(tm_bit_queue *queue, const uint8_t *bytes, int64_t from, int64_t to) {
  while (from < to) {
    int64_t bits = to - from < 56 ? to - from : 56;
    uint64_t word = word_at(bytes + (from >> 3)) << (from & 7);
    tm_bits_put(queue, word >> (64 - bits), (uint32_t)bits);
    from += bits;
  }
}

BODY int put_first(tm_bit_queue *queue, const tm_huffman_table *table, int32_t difference) {
  uint32_t magnitude = (uint32_t)(difference < 0 ? -difference : difference);
  uint32_t size = magnitude == 0 ? 0 : 32 - (uint32_t)__builtin_clz(magnitude);
  uint32_t code = size < 12 ? table->codes[size] : 0;
  if (code == 0) return 0;
  // Negative values stand for themselves less one (T.81 F.1.2.1.1).
  uint32_t bits = (uint32_t)(difference + (difference >> 31)) & ((1u << size) - 1);
  tm_bits_put(queue, (uint64_t)(code >> 8) << size | bits, (code & 0xFF) + size);
  return 1;
}

// One block: copied later, with another difference, or coded anew.
BODY int splice_block(
    const tm_scan *scan, const tm_scan_part *part, int64_t block, int64_t place, tm_splice *state,
    tm_bit_queue *queue) {
  int32_t *old = state->old + part->component, *now = state->now + part->component;
  int32_t before = *now, first = scan->first[block];
  int is_moved = *old != before, is_edited = place >= 0 && part->states[place] == tm_block_edited;
  const int16_t *coefficients = part->coefficients + 64 * place;
  *old = first;
  *now = is_edited ? coefficients[0] : first;
  if (!is_edited && !is_moved) return 1;
  int64_t start = scan->positions[block];
  copy(queue, scan->bytes, state->position, start);
  if (!put_first(queue, part->new_dc, *now - before)) return 0;
  if (is_edited) {
    state->position = scan->positions[block + 1];
    return write(queue, coefficients, part->new_ac, scan->order, scan->rows);
  }
  uint32_t entry = entry_at(part->dc, word_at(scan->bytes + (start >> 3)) << (start & 7));
  state->position = start + (entry & 63);
  return entry != 0;
}

BODY int splice(const tm_scan *scan, tm_splice *state, int64_t end, tm_bit_queue *queue, const uint8_t *limit) {
  tm_bit_queue bits = *queue;
  int64_t row = state->mcu / scan->mcu_columns, column = state->mcu % scan->mcu_columns;
  for (; state->mcu < end; state->mcu++) {
    int64_t block = state->mcu * scan->part_count;
    // What waits to be copied, and what the blocks of an MCU can take.
    state->room = (scan->positions[block] - state->position) / 8 + tm_block_bytes * (scan->part_count + 1);
    if (limit - bits.cursor < state->room) {
      *queue = bits;
      return tm_splice_full;
    }
    for (int index = 0; index < scan->part_count; index++, block++) {
      const tm_scan_part *part = scan->parts + index;
      int64_t place = place_of(part, row, column);
      if (!splice_block(scan, part, block, place, state, &bits)) return tm_splice_lacking;
    }
    if (++column == scan->mcu_columns) {
      column = 0;
      row++;
    }
  }
  *queue = bits;
  return tm_splice_done;
}

BODY int64_t read_block(
    const uint8_t *bytes, int64_t position, const tm_huffman_table *table, const uint8_t *order, int16_t *block,
    int16_t first) {
  bit_source source = source_at(bytes, position);
  return read(&source, table, order, block, first) ? position_of(&source, bytes) : -1;
}

BODY int64_t count_stuffed(const uint8_t *bytes, int64_t count) {
  int64_t found = 0;
  while (count > 0) {
    // Few enough for a byte to count them in, which makes wide vectors of it.
    int64_t part = count < 255 * 32 ? count : 255 * 32;
    uint8_t lanes[32] = {0};
    int64_t i = 0;
    for (; i + 32 <= part; i += 32) {
      for (int lane = 0; lane < 32; lane++) lanes[lane] += bytes[i + lane] == 0xFF;
    }
    for (; i < part; i++) found += bytes[i] == 0xFF;
    for (int lane = 0; lane < 32; lane++) found += lanes[lane];
    bytes += part;
    count -= part;
  }
  return found;
}

#if defined(__x86_64__)

WIDE int64_t walk_avx2(const tm_scan *scan, int64_t mcu, int64_t end, int64_t position, int64_t limit) {
  return walk(scan, mcu, end, position, limit);
}

WIDE int splice_avx2(
    const tm_scan *scan, tm_splice *state, int64_t end, tm_bit_queue *queue, const uint8_t *limit) {
  return splice(scan, state, end, queue, limit);
}

WIDE int64_t count_stuffed_avx2(const uint8_t *bytes, int64_t count) { return count_stuffed(bytes, count); }

#endif

int64_t tm_scan_walk(const tm_scan *scan, int64_t mcu, int64_t end, int64_t position, int64_t limit) {
  return DISPATCH(walk, scan, mcu, end, position, limit);
}

int tm_scan_splice(const tm_scan *scan, tm_splice *state, int64_t end, tm_bit_queue *queue, const uint8_t *limit) {
  return DISPATCH(splice, scan, state, end, queue, limit);
}

int64_t tm_huffman_read(
    const uint8_t *bytes, int64_t position, const tm_huffman_table *table, const uint8_t *order, int16_t *block,
    int16_t first) {
  return read_block(bytes, position, table, order, block, first);
}

int64_t tm_count_stuffed(const uint8_t *bytes, int64_t count) { return DISPATCH(count_stuffed, bytes, count); }
