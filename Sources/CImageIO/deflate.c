#include "deflate.h"

#include <libdeflate.h>
#include <limits.h>
#include <string.h>
#include <zlib.h>

// z_stream counts in uInt: longer buffers are fed in slices.
static uInt slice(size_t left) { return left > (UINT_MAX >> 1) ? (UINT_MAX >> 1) : (uInt)left; }

// Whether the check value of a zlib stream (RFC 1950 2.2), the last before `end`, is that of `output`.
static int is_checked(const uint8_t *end, const uint8_t *output, size_t size) {
  uint32_t check = 0;
  for (int i = 4; i > 0; i--) check = check << 8 | end[-i];
  return check == libdeflate_adler32(1, output, size);
}

tm_inflate_result tm_inflate(
    const uint8_t *input, size_t input_size, uint8_t *output, size_t capacity, tm_deflate_boundary *boundaries,
    size_t boundary_capacity, size_t spacing) {
  tm_inflate_result result = {Z_BUF_ERROR, 0, 0, 0, NULL};
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  result.status = inflateInit(&stream);
  if (result.status != Z_OK) return result;
  // The check value is made of the whole output in the end, in a twentieth of zlib's time.
  inflateValidate(&stream, 0);
  for (;;) {
    uInt given = slice(input_size - result.input);
    uInt room = slice(capacity - result.output);
    stream.next_in = (Bytef *)input + result.input;
    stream.avail_in = given;
    stream.next_out = output + result.output;
    stream.avail_out = room;
    // Z_BLOCK stops at every block boundary and says how many bits of the last byte are not consumed.
    int status = inflate(&stream, boundaries ? Z_BLOCK : Z_NO_FLUSH);
    size_t consumed = given - stream.avail_in;
    size_t produced = room - stream.avail_out;
    result.input += consumed;
    result.output += produced;
    if (boundaries && (status == Z_OK || status == Z_STREAM_END) && (stream.data_type & 128)) {
      int is_last = (stream.data_type & 64) != 0;
      int is_first = result.boundaries == 0;
      uint64_t bit = (uint64_t)result.input * 8 - (uint64_t)(stream.data_type & 7);
      if (is_first || is_last || result.output - boundaries[result.boundaries - 1].output >= spacing) {
        if (result.boundaries == boundary_capacity) {
          status = Z_MEM_ERROR;
        } else {
          boundaries[result.boundaries].output = result.output;
          boundaries[result.boundaries].bit = bit;
          result.boundaries += 1;
        }
      }
    }
    result.status = status;
    if (status != Z_OK) break;
    if (consumed == 0 && produced == 0 && !(stream.data_type & 128)) {
      result.status = Z_BUF_ERROR;
      break;
    }
  }
  result.message = stream.msg;
  inflateEnd(&stream);
  if (result.status == Z_STREAM_END && !is_checked(input + result.input, output, result.output)) {
    result.status = Z_DATA_ERROR;
    result.message = "incorrect data check";
  }
  return result;
}

int tm_inflate_whole(const uint8_t *input, size_t input_size, uint8_t *output, size_t output_size, size_t *consumed) {
  struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
  if (decompressor == NULL) return 0;
  enum libdeflate_result result =
      libdeflate_zlib_decompress_ex(decompressor, input, input_size, output, output_size, consumed, NULL);
  libdeflate_free_decompressor(decompressor);
  return result == LIBDEFLATE_SUCCESS;
}

size_t tm_deflate_bound(size_t size) {
  // deflateBound's worst case for any setting, a flush marker and the skipped bits.
  return size + (size >> 5) + (size >> 7) + (size >> 11) + 256;
}

static int pump(z_stream *stream, const uint8_t *input, size_t input_size, int flush, uint8_t *output,
    size_t capacity, size_t *written) {
  size_t taken = 0;
  for (;;) {
    uInt given = slice(input_size - taken);
    uInt room = slice(capacity - *written);
    int step = given == input_size - taken ? flush : Z_NO_FLUSH;
    stream->next_in = (Bytef *)input + taken;
    stream->avail_in = given;
    stream->next_out = output + *written;
    stream->avail_out = room;
    int status = deflate(stream, step);
    taken += given - stream->avail_in;
    *written += room - stream->avail_out;
    if (status == Z_STREAM_END) return 1;
    if (status != Z_OK) return 0;
    if (flush != Z_FINISH && step == flush && taken == input_size && stream->avail_out > 0) return 1;
    if (*written == capacity) return 0;
  }
}

size_t tm_deflate_run(
    tm_deflate_settings settings, const uint8_t *dictionary, size_t dictionary_size, const uint8_t *input,
    size_t input_size, int skip, int is_final, uint8_t *output, size_t capacity) {
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (deflateInit2(&stream, settings.level, Z_DEFLATED, -settings.window_bits, 9, settings.strategy) != Z_OK)
    return 0;
  size_t written = 0;
  int ok = (dictionary_size == 0 || deflateSetDictionary(&stream, dictionary, (uInt)dictionary_size) == Z_OK) &&
           (skip == 0 || deflatePrime(&stream, skip, 0) == Z_OK) &&
           pump(&stream, input, input_size, is_final ? Z_FINISH : Z_SYNC_FLUSH, output, capacity, &written);
  deflateEnd(&stream);
  return ok ? written : 0;
}

size_t tm_deflate_alone(int level, const uint8_t *input, size_t input_size, uint8_t *output, size_t capacity) {
  struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(level);
  if (compressor == NULL) return 0;
  size_t written = libdeflate_deflate_compress(compressor, input, input_size, output, capacity);
  libdeflate_free_compressor(compressor);
  return written;
}

size_t tm_deflate_whole(const uint8_t *input, size_t input_size, uint8_t *output, size_t capacity) {
  uLongf size = capacity;
  return compress2(output, &size, input, input_size, 9) == Z_OK ? size : 0;
}

uint32_t tm_crc32(uint32_t crc, const uint8_t *bytes, size_t size) {
  return bytes == NULL ? crc : libdeflate_crc32(crc, bytes, size);
}

uint32_t tm_adler32(const uint8_t *bytes, size_t size) {
  return bytes == NULL ? 1 : libdeflate_adler32(1, bytes, size);
}
