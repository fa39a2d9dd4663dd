#include "jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

enum { maximum_scans = 1000, usual_scans = 32 };

// What scans beyond the usual number may cost together: about a second of empty blocks.
static const double maximum_scan_blocks = 60e6;

struct tm_jpeg {
  struct jpeg_decompress_struct source;
  struct jpeg_compress_struct target;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr input;
  struct jpeg_destination_mgr output;
  struct jpeg_progress_mgr progress;
  jvirt_barray_ptr *coefficients;
  jmp_buf escape;
  int code;
  int is_over_limit;
  char message[JMSG_LENGTH_MAX];
  jpeg_scan_info scans[maximum_scans];
  int scan_count;
  int lacks_symbol;
  // Which AC symbols a table has a code for, once it was asked for; 2 for all.
  uint8_t symbols[NUM_HUFF_TBLS][256];
  int has_symbols[NUM_HUFF_TBLS];
  JOCTET *stream;
  size_t capacity;
  size_t size;
};

static struct tm_jpeg *owner(j_common_ptr info) { return (struct tm_jpeg *)info->client_data; }

static void fail(j_common_ptr info) {
  struct tm_jpeg *jpeg = owner(info);
  jpeg->code = info->err->msg_code;
  (*info->err->format_message)(info, jpeg->message);
  longjmp(jpeg->escape, 1);
}

static void note(j_common_ptr info, int level) {
  // Trace messages are 0 and up. These two warn of a version number and of a colour transform that is ignored.
  if (level >= 0 || info->err->msg_code == JWRN_JFIF_MAJOR || info->err->msg_code == JWRN_ADOBE_XFORM) return;
  fail(info);
}

static void be_silent(j_common_ptr info) { (void)info; }

// Input: the whole stream is in memory, so asking for more means that it ended early.

static void start_input(j_decompress_ptr info) { (void)info; }

static boolean refill(j_decompress_ptr info) {
  WARNMS(info, JWRN_JPEG_EOF);
  return FALSE;
}

static void skip(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  if ((size_t)count > info->src->bytes_in_buffer) {
    refill(info);
    return;
  }
  info->src->next_input_byte += count;
  info->src->bytes_in_buffer -= (size_t)count;
}

static void end_input(j_decompress_ptr info) { (void)info; }

// Output: one growing buffer.

static void grow(j_compress_ptr info, size_t capacity) {
  struct tm_jpeg *jpeg = owner((j_common_ptr)info);
  JOCTET *stream = realloc(jpeg->stream, capacity);
  if (stream == NULL) ERREXIT1(info, JERR_OUT_OF_MEMORY, 1);
  jpeg->stream = stream;
  size_t used = jpeg->capacity;
  jpeg->capacity = capacity;
  jpeg->output.next_output_byte = stream + used;
  jpeg->output.free_in_buffer = capacity - used;
}

static void start_output(j_compress_ptr info) {
  struct tm_jpeg *jpeg = owner((j_common_ptr)info);
  if (jpeg->capacity == 0) grow(info, 1 << 16);
  jpeg->output.next_output_byte = jpeg->stream;
  jpeg->output.free_in_buffer = jpeg->capacity;
}

static boolean flush_output(j_compress_ptr info) {
  grow(info, owner((j_common_ptr)info)->capacity * 2);
  return TRUE;
}

static void end_output(j_compress_ptr info) {
  struct tm_jpeg *jpeg = owner((j_common_ptr)info);
  jpeg->size = jpeg->capacity - jpeg->output.free_in_buffer;
}

static double frame_blocks(j_decompress_ptr info) {
  double blocks = 0;
  for (int i = 0; i < info->num_components; i++) {
    blocks += (double)info->comp_info[i].width_in_blocks * info->comp_info[i].height_in_blocks;
  }
  return blocks;
}

// Called before each piece of input: notes every scan's parameters and bounds their number.
static void watch_scans(j_common_ptr common) {
  j_decompress_ptr info = (j_decompress_ptr)common;
  struct tm_jpeg *jpeg = owner(common);
  if (info->input_scan_number <= jpeg->scan_count) return;
  double cost = frame_blocks(info) * info->input_scan_number;
  if (info->input_scan_number > maximum_scans ||
      (info->input_scan_number > usual_scans && cost > maximum_scan_blocks)) {
    jpeg->is_over_limit = 1;
    snprintf(jpeg->message, sizeof jpeg->message, "more scans than an honest picture has: %d",
             info->input_scan_number);
    longjmp(jpeg->escape, 1);
  }
  jpeg_scan_info *scan = &jpeg->scans[jpeg->scan_count++];
  scan->comps_in_scan = info->comps_in_scan;
  for (int i = 0; i < info->comps_in_scan; i++) {
    scan->component_index[i] = info->cur_comp_info[i]->component_index;
  }
  scan->Ss = info->Ss;
  scan->Se = info->Se;
  scan->Ah = info->Ah;
  scan->Al = info->Al;
}

tm_jpeg *tm_jpeg_create(void) { return calloc(1, sizeof(struct tm_jpeg)); }

void tm_jpeg_destroy(tm_jpeg *jpeg) {
  if (jpeg == NULL) return;
  // Both do nothing for a structure that was never created.
  jpeg_destroy((j_common_ptr)&jpeg->target);
  jpeg_destroy((j_common_ptr)&jpeg->source);
  free(jpeg->stream);
  free(jpeg);
}

const char *tm_jpeg_message(const tm_jpeg *jpeg) { return jpeg->message; }
int tm_jpeg_code(const tm_jpeg *jpeg) { return jpeg->code; }

static tm_jpeg_status status(const tm_jpeg *jpeg) {
  if (jpeg->is_over_limit) return TM_JPEG_LIMIT;
  switch (jpeg->code) {
    case JERR_OUT_OF_MEMORY: return TM_JPEG_NO_MEMORY;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_COMPONENT_COUNT: return TM_JPEG_UNSUPPORTED;
    case JERR_BAD_STATE:
    case JERR_BAD_STRUCT_SIZE:
    case JERR_BAD_LIB_VERSION: return TM_JPEG_FAULT;
    default: return TM_JPEG_MALFORMED;
  }
}

static void prepare_errors(tm_jpeg *jpeg) {
  jpeg_std_error(&jpeg->errors);
  jpeg->errors.error_exit = fail;
  jpeg->errors.emit_message = note;
  jpeg->errors.output_message = be_silent;
}

tm_jpeg_status tm_jpeg_read(tm_jpeg *jpeg, const uint8_t *bytes, size_t size, size_t *end) {
  prepare_errors(jpeg);
  jpeg->source.err = &jpeg->errors;
  jpeg->source.client_data = jpeg;
  if (setjmp(jpeg->escape)) return status(jpeg);
  jpeg_create_decompress(&jpeg->source);
  jpeg->source.client_data = jpeg;
  jpeg->input.init_source = start_input;
  jpeg->input.fill_input_buffer = refill;
  jpeg->input.skip_input_data = skip;
  jpeg->input.resync_to_restart = jpeg_resync_to_restart;
  jpeg->input.term_source = end_input;
  jpeg->input.next_input_byte = bytes;
  jpeg->input.bytes_in_buffer = size;
  jpeg->source.src = &jpeg->input;
  jpeg->progress.progress_monitor = watch_scans;
  jpeg->source.progress = &jpeg->progress;
  jpeg_read_header(&jpeg->source, TRUE);
  jpeg->coefficients = jpeg_read_coefficients(&jpeg->source);
  if (jpeg->coefficients == NULL) {
    snprintf(jpeg->message, sizeof jpeg->message, "the stream ends before its end marker");
    return TM_JPEG_MALFORMED;
  }
  *end = size - jpeg->input.bytes_in_buffer;
  return TM_JPEG_OK;
}

int tm_jpeg_component_count(const tm_jpeg *jpeg) { return jpeg->source.num_components; }

tm_jpeg_component tm_jpeg_component_at(const tm_jpeg *jpeg, int index) {
  const jpeg_component_info *info = &jpeg->source.comp_info[index];
  tm_jpeg_component component = {
      .horizontal = info->h_samp_factor,
      .vertical = info->v_samp_factor,
      .width_in_blocks = (int)info->width_in_blocks,
      .height_in_blocks = (int)info->height_in_blocks,
  };
  const JQUANT_TBL *table = info->quant_table;
  if (table == NULL) table = jpeg->source.quant_tbl_ptrs[info->quant_tbl_no];
  if (table != NULL) memcpy(component.quantization, table->quantval, sizeof component.quantization);
  return component;
}

int16_t *tm_jpeg_block_row(tm_jpeg *jpeg, int component, int row) {
  if (setjmp(jpeg->escape)) return NULL;
  JBLOCKARRAY rows = (*jpeg->source.mem->access_virt_barray)(
      (j_common_ptr)&jpeg->source, jpeg->coefficients[component], (JDIMENSION)row, 1, TRUE);
  return (int16_t *)rows[0];
}

static void copy_table(j_compress_ptr info, JHUFF_TBL **target, const JHUFF_TBL *source) {
  if (source == NULL) return;
  if (*target == NULL) *target = jpeg_alloc_huff_table((j_common_ptr)info);
  memcpy((*target)->bits, source->bits, sizeof source->bits);
  memcpy((*target)->huffval, source->huffval, sizeof source->huffval);
  (*target)->sent_table = FALSE;
}

// The entropy coder's side of the parameters, which jpeg_copy_critical_parameters leaves at their defaults.
static void copy_coding(tm_jpeg *jpeg, int optimizes) {
  j_decompress_ptr source = &jpeg->source;
  j_compress_ptr target = &jpeg->target;
  target->write_JFIF_header = FALSE;
  target->write_Adobe_marker = FALSE;
  target->restart_interval = source->restart_interval;
  target->restart_in_rows = 0;
  target->arith_code = source->arith_code;
  target->optimize_coding = optimizes && !source->arith_code;
  memcpy(target->arith_dc_L, source->arith_dc_L, sizeof target->arith_dc_L);
  memcpy(target->arith_dc_U, source->arith_dc_U, sizeof target->arith_dc_U);
  memcpy(target->arith_ac_K, source->arith_ac_K, sizeof target->arith_ac_K);
  for (int i = 0; i < NUM_HUFF_TBLS; i++) {
    copy_table(target, &target->dc_huff_tbl_ptrs[i], source->dc_huff_tbl_ptrs[i]);
    copy_table(target, &target->ac_huff_tbl_ptrs[i], source->ac_huff_tbl_ptrs[i]);
  }
  for (int i = 0; i < source->num_components; i++) {
    target->comp_info[i].dc_tbl_no = source->comp_info[i].dc_tbl_no;
    target->comp_info[i].ac_tbl_no = source->comp_info[i].ac_tbl_no;
  }
  // One scan of all components is what the compressor does without a script.
  if (source->progressive_mode || jpeg->scan_count > 1) {
    target->scan_info = jpeg->scans;
    target->num_scans = jpeg->scan_count;
  }
}

static tm_jpeg_status encode(tm_jpeg *jpeg, int optimizes) {
  jpeg->target.err = &jpeg->errors;
  jpeg->target.client_data = jpeg;
  jpeg->code = 0;
  if (setjmp(jpeg->escape)) return status(jpeg);
  jpeg_create_compress(&jpeg->target);
  jpeg->target.client_data = jpeg;
  jpeg->output.init_destination = start_output;
  jpeg->output.empty_output_buffer = flush_output;
  jpeg->output.term_destination = end_output;
  jpeg->target.dest = &jpeg->output;
  jpeg_copy_critical_parameters(&jpeg->source, &jpeg->target);
  copy_coding(jpeg, optimizes);
  jpeg_write_coefficients(&jpeg->target, jpeg->coefficients);
  jpeg_finish_compress(&jpeg->target);
  return TM_JPEG_OK;
}

// libjpeg-turbo writes nothing at all for a symbol without a code, so what the tables lack must be known before.

static int has_symbol(const JHUFF_TBL *table, int symbol) {
  if (table == NULL) return 0;
  int count = 0;
  for (int length = 1; length <= 16; length++) count += table->bits[length];
  return count <= 256 && memchr(table->huffval, symbol, (size_t)count) != NULL;
}

static int category(int value) {
  unsigned magnitude = (unsigned)(value < 0 ? -value : value);
  return magnitude == 0 ? 0 : 32 - __builtin_clz(magnitude);
}

static const uint8_t zigzag[64] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

void tm_jpeg_edited(tm_jpeg *jpeg, int component, const int16_t *block) {
  if (jpeg->lacks_symbol) return;
  int number = jpeg->source.comp_info[component].ac_tbl_no;
  if (number < 0 || number >= NUM_HUFF_TBLS) {
    jpeg->lacks_symbol = 1;
    return;
  }
  const uint8_t *known = jpeg->symbols[number];
  if (!jpeg->has_symbols[number]) {
    const JHUFF_TBL *table = jpeg->source.ac_huff_tbl_ptrs[number];
    for (int symbol = 0; symbol < 256; symbol++) {
      jpeg->symbols[number][symbol] = (uint8_t)has_symbol(table, symbol);
    }
    // The tables that T.81 suggests have a code for every symbol there is.
    int is_complete = known[0] && known[0xF0];
    for (int run = 0; run < 16; run++) {
      for (int size = 1; size <= 10; size++) is_complete &= known[run << 4 | size];
    }
    jpeg->has_symbols[number] = is_complete ? 2 : 1;
  }
  if (jpeg->has_symbols[number] == 2) return;
  int run = 0;
  for (int k = 1; k < 64; k++) {
    int value = block[zigzag[k]];
    if (value == 0) {
      run++;
      continue;
    }
    if ((run > 15 && !known[0xF0]) || !known[(run & 15) << 4 | category(value)]) {
      jpeg->lacks_symbol = 1;
      return;
    }
    run = 0;
  }
}

// The categories of all DC differences of a component in the order of its scan, as bits.
static unsigned dc_categories(tm_jpeg *jpeg, int index) {
  j_decompress_ptr info = &jpeg->source;
  jpeg_component_info *component = &info->comp_info[index];
  int is_alone = jpeg->scans[0].comps_in_scan == 1;
  unsigned h = is_alone ? 1 : (unsigned)component->h_samp_factor;
  unsigned v = is_alone ? 1 : (unsigned)component->v_samp_factor;
  unsigned columns = (component->width_in_blocks + h - 1) / h;
  unsigned rows = (component->height_in_blocks + v - 1) / v;
  unsigned categories = 1, until_restart = info->restart_interval;
  int last = 0;
  for (unsigned row = 0; row < rows; row++) {
    unsigned height = row * v + v <= component->height_in_blocks ? v : component->height_in_blocks - row * v;
    JBLOCKARRAY blocks = (*info->mem->access_virt_barray)((j_common_ptr)info, jpeg->coefficients[index], row * v,
                                                          height, FALSE);
    for (unsigned column = 0; column < columns; column++) {
      if (info->restart_interval != 0 && until_restart-- == 0) {
        last = 0;
        until_restart = info->restart_interval - 1;
      }
      for (unsigned y = 0; y < height; y++) {
        for (unsigned x = column * h; x < column * h + h && x < component->width_in_blocks; x++) {
          categories |= 1u << category(blocks[y][x][0] - last);
          last = blocks[y][x][0];
        }
      }
    }
  }
  return categories;
}

// Whether the file's own tables hold every symbol that its coefficients need by now.
static int tables_suffice(tm_jpeg *jpeg) {
  if (jpeg->source.arith_code || jpeg->source.progressive_mode) return 1;
  // In several scans the tables may change on the way, and only the last ones are known.
  if (jpeg->lacks_symbol || jpeg->scan_count != 1) return 0;
  for (int i = 0; i < jpeg->source.num_components; i++) {
    const jpeg_component_info *component = &jpeg->source.comp_info[i];
    if (component->dc_tbl_no >= NUM_HUFF_TBLS || component->ac_tbl_no >= NUM_HUFF_TBLS) return 0;
    // Blocks that pad the last MCU are written as nothing but an end of block.
    if (!has_symbol(jpeg->source.ac_huff_tbl_ptrs[component->ac_tbl_no], 0)) return 0;
    unsigned held = 0;
    for (int symbol = 0; symbol <= 11; symbol++) {
      if (has_symbol(jpeg->source.dc_huff_tbl_ptrs[component->dc_tbl_no], symbol)) held |= 1u << symbol;
    }
    // Standard tables hold every category of 8-bit samples; only others are worth a walk over the picture.
    if (held != 0xFFF && (dc_categories(jpeg, i) & ~held) != 0) return 0;
  }
  return 1;
}

tm_jpeg_status tm_jpeg_write(tm_jpeg *jpeg, const uint8_t **stream, size_t *size) {
  if (setjmp(jpeg->escape)) return status(jpeg);
  int suffices = tables_suffice(jpeg);
  tm_jpeg_status result = encode(jpeg, !suffices);
  jpeg_destroy_compress(&jpeg->target);
  *stream = jpeg->stream;
  *size = jpeg->size;
  return result;
}
