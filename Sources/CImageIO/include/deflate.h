#pragma once
#include <stddef.h>
#include <stdint.h>

/// Where a run of whole deflate blocks begins: `output` bytes into the uncompressed data, `bit` bits into the
/// zlib stream (its two header bytes included).
typedef struct {
  uint64_t output;
  uint64_t bit;
} tm_deflate_boundary;

/// What an inflate did. `status` is zlib's: 1 (`Z_STREAM_END`) when the stream ended and its check value held,
/// -5 (`Z_BUF_ERROR`) when input or room ran out first. `message` is a static string or null.
typedef struct {
  int status;
  size_t input;
  size_t output;
  size_t boundaries;
  const char *message;
} tm_inflate_result;

/// Inflates a zlib stream into at most `capacity` bytes. With `boundaries`, also records where blocks begin, no
/// closer than `spacing` uncompressed bytes, and last the end of the last block; at most `boundary_capacity`.
tm_inflate_result tm_inflate(
    const uint8_t *input, size_t input_size, uint8_t *output, size_t capacity, tm_deflate_boundary *boundaries,
    size_t boundary_capacity, size_t spacing);

/// Inflates a zlib stream into exactly `output_size` bytes, in less than half the time that `tm_inflate` takes; `*consumed` is the
/// stream's own size. 0 where it is damaged or inflates to another size.
int tm_inflate_whole(const uint8_t *input, size_t input_size, uint8_t *output, size_t output_size, size_t *consumed);

/// How a run is compressed: `window_bits` 9 … 15, `level` and `strategy` as in zlib.
typedef struct {
  int level;
  int strategy;
  int window_bits;
} tm_deflate_settings;

/// Room that `tm_deflate_run` may need for `size` bytes.
size_t tm_deflate_bound(size_t size);

/// Compresses `input` as raw deflate blocks that nothing goes before and nothing follows, at libdeflate's `level` 1 … 12; its matches
/// reach 32 KiB back. Returns the bytes written, 0 when room runs out.
size_t tm_deflate_alone(int level, const uint8_t *input, size_t input_size, uint8_t *output, size_t capacity);

/// Compresses `input` as raw deflate blocks that may refer back into `dictionary`. The first `skip` bits (0 … 7) of
/// the output are zero and belong to what goes before. Ends on a whole byte: by the final block, or with
/// `is_final` 0 by an empty stored block. Returns the bytes written, 0 when zlib refuses or room runs out.
size_t tm_deflate_run(
    tm_deflate_settings settings, const uint8_t *dictionary, size_t dictionary_size, const uint8_t *input,
    size_t input_size, int skip, int is_final, uint8_t *output, size_t capacity);

/// As `tm_deflate_run`, with Huffman codes and runs of one byte for all matches, much faster: for filtered scanlines. Needs
/// the room of `tm_deflate_bound`; 0 when that runs out. Without `output`, NULL, only counts the bytes it would write, in less time.
size_t tm_deflate_quickly(
    const uint8_t *input, size_t size, int skip, int is_final, uint8_t *output, size_t capacity);

/// As `tm_deflate_run` at level 6, to about that size in a fraction of the time where most of `input` stands in runs of one byte. The
/// `before` bytes before `input`, 32 KiB at most, may be referred to. 0 as well where memory runs out. Without `output`, NULL, only counts
/// the bytes it would write.
size_t tm_deflate_plain(
    const uint8_t *input, size_t size, size_t before, int window_bits, int skip, int is_final, uint8_t *output,
    size_t capacity);

/// Compresses `input` as a whole zlib stream at level 9; 0 when room runs out.
size_t tm_deflate_whole(const uint8_t *input, size_t input_size, uint8_t *output, size_t capacity);

/// CRC-32 (PNG annex D) of `bytes` after those that gave `crc`; begin with 0.
uint32_t tm_crc32(uint32_t crc, const uint8_t *bytes, size_t size);

/// Adler-32 (RFC 1950) of `bytes`.
uint32_t tm_adler32(const uint8_t *bytes, size_t size);
