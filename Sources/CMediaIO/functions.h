#pragma once
#include "CMediaIO.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/error.h>
#include <libavutil/log.h>
#include <libavutil/pixdesc.h>

// libav is loaded when the first moving picture comes, not at start-up: with all that Debian builds into it, loading takes
// longer than labelling a picture does, and who labels pictures alone need not have it.
#define TM_AVUTIL(F) \
  F(av_dict_free) F(av_dict_get) F(av_dict_parse_string) F(av_dict_set) F(av_frame_alloc) F(av_frame_free) \
  F(av_frame_get_side_data) \
  F(av_frame_make_writable) F(av_free) F(av_log_set_callback) F(av_mallocz) F(av_pix_fmt_desc_get) F(av_strerror) F(av_d2q) \
  F(av_freep) F(av_get_packed_sample_fmt) F(av_rescale_q) F(av_sample_fmt_is_planar) F(av_channel_layout_copy) \
  F(av_frame_get_buffer) F(av_frame_unref) F(av_frame_copy_props) F(av_frame_move_ref) F(av_calloc) F(av_dict_copy)
#define TM_AVCODEC(F) \
  F(avcodec_alloc_context3) F(avcodec_descriptor_get_by_name) F(avcodec_find_decoder) F(avcodec_find_encoder_by_name) \
  F(avcodec_free_context) F(avcodec_open2) F(avcodec_parameters_from_context) F(avcodec_receive_frame) \
  F(avcodec_receive_packet) F(avcodec_send_frame) F(avcodec_send_packet) F(av_new_packet) F(av_packet_alloc) \
  F(av_packet_free) F(av_packet_unref) F(av_packet_get_side_data) F(av_packet_new_side_data) \
  F(avcodec_find_decoder_by_name) \
  F(avcodec_flush_buffers) F(avcodec_parameters_to_context) F(avcodec_get_name) F(avcodec_parameters_copy) \
  F(av_packet_clone) F(av_packet_make_writable) F(av_packet_rescale_ts)
#define TM_AVFORMAT(F) \
  F(avformat_alloc_output_context2) F(avformat_free_context) F(avformat_new_stream) F(avformat_write_header) \
  F(avio_close_dyn_buf) F(avio_open_dyn_buf) \
  F(av_find_input_format) F(av_read_frame) F(av_seek_frame) F(avformat_alloc_context) \
  F(avformat_close_input) F(avformat_find_stream_info) F(avformat_open_input) F(avio_alloc_context) F(avio_context_free) \
  F(av_guess_format) F(av_interleaved_write_frame) F(av_stream_new_side_data) F(av_write_trailer) F(avformat_query_codec) \
  F(avio_closep) F(avio_open) F(av_codec_get_tag) F(avformat_get_riff_audio_tags) F(avformat_get_riff_video_tags)

#define TM_DECLARE(name) __typeof__(&name) name##_;
struct tm_av {
  TM_AVUTIL(TM_DECLARE) TM_AVCODEC(TM_DECLARE) TM_AVFORMAT(TM_DECLARE)
};
extern struct tm_av tm_av;

/// Loads the libraries once; 0, or -1 with the reason in `message`.
int tm_video_load(char *message);
