#pragma once
#include <stddef.h>
#include <stdint.h>

/// Decoders and encoders of libavcodec behind plain handles. One thread a handle; nothing is printed: what the library
/// logs ends up in `message`. Every function returns a negative AVERROR on failure.
typedef struct tm_video_decoder tm_video_decoder;
typedef struct tm_video_encoder tm_video_encoder;

/// Room for a message, its terminating zero included.
enum { TM_VIDEO_MESSAGE = 256 };

/// A coded picture: its bytes, and those of its opacity, coded by themselves, where the container keeps them beside it
/// (Matroska's BlockAdditional 1); null without. Some decoders add a picture that is not called a key to the one before.
typedef struct {
  const uint8_t *data;
  size_t size;
  const uint8_t *alpha;
  size_t alpha_size;
  int is_key;
} tm_video_coded;

/// A coded stream as a container describes it. `codec` is the name of a decoder of libavcodec, `config` the codec's
/// set-up record in the container's own form (`avcC`, `hvcC`, `av1C`, CodecPrivate), may be empty.
typedef struct {
  const char *codec;
  const uint8_t *config;
  size_t config_size;
  int width;
  int height;
  /// Ticks a second of all timestamps.
  int timescale;
  /// Fails on anything damaged instead of concealing it.
  int is_strict;
} tm_video_stream;

enum { TM_VIDEO_GRAY = 0, TM_VIDEO_YUV = 1, TM_VIDEO_GBR = 2 };
enum { TM_VIDEO_SDR = 0, TM_VIDEO_PQ = 1, TM_VIDEO_HLG = 2 };

/// A decoded picture. The planes belong to the decoder and are valid until its next call. 8 bits: one byte a sample,
/// else two in the machine's order; strides in bytes.
typedef struct {
  int width;
  int height;
  int depth;
  /// TM_VIDEO_GRAY, _YUV or _GBR.
  int model;
  int has_alpha;
  int chroma_shift_x;
  int chroma_shift_y;
  int is_full_range;
  /// TM_VIDEO_SDR, _PQ or _HLG.
  int transfer;
  /// Light levels that change from picture to picture (HDR10+, Dolby Vision), which no encoder here writes.
  int has_dynamic_light;
  int is_interlaced;
  int is_top_field_first;
  /// Frames the decoder may hold back, and so the reordering that the stream declares.
  int reorder;
  /// H.264 profile_idc and the like; -99 when unknown.
  int profile;
  int64_t pts;
  /// By component: luma and colour differences, or red, green and blue; then opacity.
  uint8_t *planes[4];
  ptrdiff_t strides[4];
  /// libavutil's name of the pixel format.
  const char *format;
} tm_video_picture;

/// A coded picture, which belongs to the encoder and is valid until its next call.
typedef struct {
  tm_video_coded coded;
  int64_t pts;
} tm_video_packet;

/// How to encode: the name of an encoder of libavcodec, its options as `key=value` with ';' between, how many B-frames
/// a picture may wait for (0, 1, 2 or more as `reorder` of the source) and whether parameter sets stand beside the stream.
typedef struct {
  const char *encoder;
  const char *options;
  int reorder;
  int has_global_header;
  int timescale;
  /// Counts pictures instead of ticks: the stream states the rate that the decoder's does. Times are numbers of pictures.
  int is_counted;
  /// Pictures a second, for rate control only.
  double rate;
} tm_video_encoding;

int tm_video_decoder_open(tm_video_decoder **decoder, const tm_video_stream *stream, char *message);
/// Hands in one coded picture; null flushes. 0, or -EAGAIN when pictures must be taken first.
int tm_video_decoder_send(tm_video_decoder *decoder, const tm_video_coded *coded, int64_t pts, char *message);
/// 1 with a picture, 0 when more data is needed or the end is reached.
int tm_video_decoder_receive(tm_video_decoder *decoder, tm_video_picture *picture, char *message);
/// Makes the current picture's planes safe to write to: the decoder may still predict from them. Fills `picture` anew.
int tm_video_decoder_edit(tm_video_decoder *decoder, tm_video_picture *picture, char *message);
void tm_video_decoder_close(tm_video_decoder *decoder);

/// An encoder for pictures like the decoder's current one: size, pixel format, colour description, shape of pixels,
/// fields.
int tm_video_encoder_open(
    tm_video_encoder **encoder, const tm_video_encoding *encoding, tm_video_decoder *like, char *message);
/// What a picture may be predicted from: what the encoder chooses, nothing (decoding can begin with it), earlier pictures alone.
typedef enum { TM_VIDEO_FREE, TM_VIDEO_KEY, TM_VIDEO_FORWARD } tm_video_kind;
/// Hands in the decoder's current picture under `pts`; a null decoder flushes.
int tm_video_encoder_send(
    tm_video_encoder *encoder, tm_video_decoder *decoder, int64_t pts, tm_video_kind kind, char *message);
/// 1 with a packet, 0 when more pictures are needed or the end is reached.
int tm_video_encoder_receive(tm_video_encoder *encoder, tm_video_packet *packet, char *message);
/// The start of an MP4 (`ftyp` and `moov`) that describes the encoder's stream: its sample entry stands in there.
/// Free `*bytes` with tm_video_free.
int tm_video_encoder_header(tm_video_encoder *encoder, uint8_t **bytes, size_t *size, char *message);
/// The codec's set-up record as the encoder wrote it; belongs to the encoder, empty for a codec without one.
void tm_video_encoder_config(const tm_video_encoder *encoder, const uint8_t **bytes, size_t *size);
void tm_video_encoder_close(tm_video_encoder *encoder);
void tm_video_free(void *bytes);

/// Whether this build of libavcodec has the encoder.
int tm_video_has_encoder(const char *name);

/// Reads up to `size` bytes at `offset`; the bytes read, 0 at the end, negative on failure.
typedef int (*tm_read)(void *opaque, int64_t offset, uint8_t *bytes, int size);

/// A file; `format` is libavformat's name of the container, which is not guessed.
typedef struct {
  void *opaque;
  tm_read read;
  int64_t size;
  const char *format;
} tm_source;

/// Sound decoded by libav: of a file that it demultiplexes, or of packets.
typedef struct tm_audio tm_audio;
typedef struct {
  int sample_rate;
  int channels;
} tm_audio_format;

/// `samples` of one channel after the other, valid until the next call. `position` is the first one's, counted in each
/// channel from the start of the stream; -1 where the container does not say.
typedef struct {
  const float *samples;
  int channels;
  int count;
  int64_t position;
} tm_audio_sound;

int tm_audio_open(tm_audio **audio, const tm_source *source, tm_audio_format *format, char *message);
/// 1 with sound, 0 at the end.
int tm_audio_next(tm_audio *audio, tm_audio_sound *sound, char *message);
/// Goes to a place at or before `sample`.
int tm_audio_seek(tm_audio *audio, int64_t sample, char *message);
void tm_audio_close(tm_audio *audio);

/// A decoder of packets without a container: `codec` is libavcodec's name, `config` its set-up record. Anything damaged
/// is an error.
int tm_audio_open_coded(
    tm_audio **audio, const char *codec, const uint8_t *config, size_t size, char *message);
/// Decodes one packet; 1 with its sound and what that is, 0 where it gives none.
int tm_audio_decode(
    tm_audio *audio, const uint8_t *data, size_t size, tm_audio_sound *sound, tm_audio_format *format, char *message);

typedef struct tm_audio_encoder tm_audio_encoder;

/// How to encode: the name of an encoder of libavcodec and its options as `key=value` with ';' between.
typedef struct {
  const char *encoder;
  const char *options;
} tm_audio_encoding;

/// What an encoder makes of sound. `config`, the set-up record, belongs to the encoder.
typedef struct {
  /// Samples of each channel in a packet.
  int frame_size;
  /// Samples of each channel that a decoder puts out before the first one handed in.
  int delay;
  const uint8_t *config;
  size_t config_size;
} tm_audio_coder;

/// An encoder of sound with the rate and channels of what `like` decodes.
int tm_audio_encoder_open(
    tm_audio_encoder **encoder, const tm_audio_encoding *encoding, const tm_audio *like, tm_audio_coder *coder,
    char *message);
/// Hands in `count` samples of one channel after the other, `frame_size` but for the last time; null flushes. Take
/// all packets before the next call.
int tm_audio_encoder_send(tm_audio_encoder *encoder, const float *samples, int count, char *message);
/// 1 with a packet, which is valid until the next call, 0 when more sound is needed or the end is reached. `end` is how
/// many of the samples handed in are decoded with it and those before.
int tm_audio_encoder_receive(
    tm_audio_encoder *encoder, const uint8_t **data, size_t *size, int64_t *end, char *message);
void tm_audio_encoder_close(tm_audio_encoder *encoder);

/// Packets that go from one container to another as they are.
typedef struct tm_remuxer tm_remuxer;

enum tm_container { TM_MP4, TM_M4A, TM_3GP, TM_MATROSKA, TM_WAVE };
enum tm_track_kind { TM_TRACK_VIDEO, TM_TRACK_AUDIO, TM_TRACK_SUBTITLE, TM_TRACK_PICTURE, TM_TRACK_DATA };

typedef struct {
  enum tm_track_kind kind;
  /// libavcodec's name of the coding.
  const char *codec;
  /// Whether the coding is plain samples.
  int is_pcm;
  /// Whether so much is known of it as a container has to say.
  int is_described;
} tm_track;

/// Opens a source and finds its tracks.
int tm_remuxer_open(tm_remuxer **remuxer, const tm_source *source, char *message);
int tm_remuxer_count(const tm_remuxer *remuxer);
tm_track tm_remuxer_track(const tm_remuxer *remuxer, int index);
/// Whether the container has a place for the coding of a track.
int tm_remuxer_fits(const tm_remuxer *remuxer, enum tm_container container, int index);
/// Leaves a track out.
void tm_remuxer_omit(tm_remuxer *remuxer, int index);
/// Writes the tracks to the file at `path`; once. Times count from the first one presented. `*omitted` is how many
/// pictures in front of the first that can be decoded alone were left out.
int tm_remuxer_write(
    tm_remuxer *remuxer, enum tm_container container, const char *path, int64_t *omitted, char *message);
void tm_remuxer_close(tm_remuxer *remuxer);

/// A film that was no file before: H.264 of 8 bits, 4:2:0, BT.709, in MP4.
typedef struct tm_film tm_film;

/// Begins a film of `width` × `height` pixels, both even, and `rate` pictures a second in the file at `path`. Close it whatever
/// this returns.
int tm_film_open(tm_film **film, const char *path, int width, int height, int rate, char *message);
/// Appends a picture: its luma row by row, then Cb and Cr at half the size each way.
int tm_film_write(tm_film *film, const uint8_t *planes, char *message);
int tm_film_finish(tm_film *film, char *message);
void tm_film_close(tm_film *film);
