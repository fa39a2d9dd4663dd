#pragma once
#include "functions.h"

// Calls go through the table.
#define av_dict_free tm_av.av_dict_free_
#define av_dict_get tm_av.av_dict_get_
#define av_dict_parse_string tm_av.av_dict_parse_string_
#define av_dict_set tm_av.av_dict_set_
#define av_frame_alloc tm_av.av_frame_alloc_
#define av_frame_free tm_av.av_frame_free_
#define av_frame_make_writable tm_av.av_frame_make_writable_
#define av_free tm_av.av_free_
#define av_log_set_callback tm_av.av_log_set_callback_
#define av_mallocz tm_av.av_mallocz_
#define av_pix_fmt_desc_get tm_av.av_pix_fmt_desc_get_
#define av_strerror tm_av.av_strerror_
#define av_d2q tm_av.av_d2q_
#define avcodec_alloc_context3 tm_av.avcodec_alloc_context3_
#define avcodec_descriptor_get_by_name tm_av.avcodec_descriptor_get_by_name_
#define avcodec_find_decoder tm_av.avcodec_find_decoder_
#define avcodec_find_encoder_by_name tm_av.avcodec_find_encoder_by_name_
#define avcodec_free_context tm_av.avcodec_free_context_
#define avcodec_open2 tm_av.avcodec_open2_
#define avcodec_parameters_from_context tm_av.avcodec_parameters_from_context_
#define avcodec_receive_frame tm_av.avcodec_receive_frame_
#define avcodec_receive_packet tm_av.avcodec_receive_packet_
#define avcodec_send_frame tm_av.avcodec_send_frame_
#define avcodec_send_packet tm_av.avcodec_send_packet_
#define av_new_packet tm_av.av_new_packet_
#define av_packet_alloc tm_av.av_packet_alloc_
#define av_packet_free tm_av.av_packet_free_
#define av_packet_unref tm_av.av_packet_unref_
#define avformat_alloc_output_context2 tm_av.avformat_alloc_output_context2_
#define avformat_free_context tm_av.avformat_free_context_
#define avformat_new_stream tm_av.avformat_new_stream_
#define avformat_write_header tm_av.avformat_write_header_
#define avio_close_dyn_buf tm_av.avio_close_dyn_buf_
#define avio_open_dyn_buf tm_av.avio_open_dyn_buf_
