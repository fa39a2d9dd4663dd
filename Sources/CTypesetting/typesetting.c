#include "CTypesetting.h"

#include <hb-ft.h>
#include <hb.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

/* Unhinted outlines scale linearly: the size that gives an ink height follows from one measurement, and the
   same text at another size is the same picture scaled, which is what a detector relies on. */
enum { LOAD_FLAGS = FT_LOAD_NO_BITMAP | FT_LOAD_NO_HINTING };

struct ts_font {
  FT_Library library;
  FT_Face face;
  hb_font_t *shaper;
  hb_buffer_t *buffer;
};

/* The box of a line's outlines, in 1/64 pixel. */
typedef struct {
  long left, right, bottom, top;
} line_box;

static int fail(ts_status *status, int code, int detail) {
  status->code = code;
  status->detail = detail;
  return code;
}

ts_font *ts_font_open(const uint8_t *bytes, size_t count, ts_status *status) {
  fail(status, TS_OK, 0);
  if (count > LONG_MAX) {
    fail(status, TS_NOT_A_FONT, 0);
    return NULL;
  }
  ts_font *font = calloc(1, sizeof *font);
  if (!font) {
    fail(status, TS_MEMORY, 0);
    return NULL;
  }
  FT_Error error = FT_Init_FreeType(&font->library);
  if (!error) error = FT_New_Memory_Face(font->library, bytes, (FT_Long)count, 0, &font->face);
  if (error || !FT_IS_SCALABLE(font->face) || FT_Select_Charmap(font->face, FT_ENCODING_UNICODE)) {
    fail(status, TS_NOT_A_FONT, error);
    ts_font_close(font);
    return NULL;
  }
  font->shaper = hb_ft_font_create_referenced(font->face);
  font->buffer = hb_buffer_create();
  if (!hb_buffer_allocation_successful(font->buffer)) {
    fail(status, TS_MEMORY, 0);
    ts_font_close(font);
    return NULL;
  }
  hb_ft_font_set_load_flags(font->shaper, LOAD_FLAGS);
  return font;
}

void ts_font_close(ts_font *font) {
  if (!font) return;
  if (font->buffer) hb_buffer_destroy(font->buffer);
  if (font->shaper) hb_font_destroy(font->shaper);
  if (font->face) FT_Done_Face(font->face);
  if (font->library) FT_Done_FreeType(font->library);
  free(font);
}

const char *ts_font_family(const ts_font *font) {
  return font->face->family_name ? font->face->family_name : "unnamed";
}

const char *ts_font_style(const ts_font *font) {
  return font->face->style_name ? font->face->style_name : "";
}

/* Shapes the line at `size` into the font's buffer. */
static int shape(ts_font *font, const char *text, size_t length, int size, ts_status *status) {
  FT_Error error = FT_Set_Char_Size(font->face, 0, size, 72, 72);
  if (error) return fail(status, TS_LIBRARY, error);
  hb_ft_font_changed(font->shaper);
  hb_buffer_reset(font->buffer);
  hb_buffer_add_utf8(font->buffer, text, (int)length, 0, (int)length);
  hb_buffer_guess_segment_properties(font->buffer);
  /* A pan-CJK font picks its regional forms by language, and the standard's phrases are simplified Chinese. */
  if (hb_buffer_get_script(font->buffer) == HB_SCRIPT_HAN || hb_buffer_get_script(font->buffer) == HB_SCRIPT_LATIN)
    hb_buffer_set_language(font->buffer, hb_language_from_string("zh-Hans", -1));
  hb_shape(font->shaper, font->buffer, NULL, 0);
  if (!hb_buffer_allocation_successful(font->buffer)) return fail(status, TS_MEMORY, 0);
  unsigned count = 0;
  const hb_glyph_info_t *glyphs = hb_buffer_get_glyph_infos(font->buffer, &count);
  for (unsigned i = 0; i < count; i++)
    if (glyphs[i].codepoint == 0) return fail(status, TS_MISSING_GLYPH, (int)glyphs[i].cluster);
  return TS_OK;
}

/* Loads glyph `index` of the shaped line into the face's slot, its outline moved to (x, y). A glyph without an
   outline (space) leaves an empty one. */
static int load_outline(ts_font *font, unsigned glyph, long x, long y, ts_status *status) {
  FT_Error error = FT_Load_Glyph(font->face, glyph, LOAD_FLAGS);
  if (error) return fail(status, TS_LIBRARY, error);
  if (font->face->glyph->format != FT_GLYPH_FORMAT_OUTLINE) return fail(status, TS_NOT_A_FONT, 0);
  FT_Outline_Translate(&font->face->glyph->outline, x, y);
  return TS_OK;
}

/* The box of all outlines of the shaped line, pen starting at the origin. */
static int measure(ts_font *font, line_box *box, ts_status *status) {
  unsigned count = 0;
  const hb_glyph_info_t *glyphs = hb_buffer_get_glyph_infos(font->buffer, &count);
  const hb_glyph_position_t *places = hb_buffer_get_glyph_positions(font->buffer, &count);
  long x = 0, y = 0;
  *box = (line_box){LONG_MAX, LONG_MIN, LONG_MAX, LONG_MIN};
  for (unsigned i = 0; i < count; i++) {
    int code = load_outline(font, glyphs[i].codepoint, x + places[i].x_offset, y + places[i].y_offset, status);
    if (code) return code;
    const FT_Outline *outline = &font->face->glyph->outline;
    if (outline->n_points > 0) {
      FT_BBox glyph_box;
      /* The control box contains the outline; its rows without ink are cut off by the caller. */
      FT_Outline_Get_CBox(outline, &glyph_box);
      if (glyph_box.xMin < box->left) box->left = glyph_box.xMin;
      if (glyph_box.xMax > box->right) box->right = glyph_box.xMax;
      if (glyph_box.yMin < box->bottom) box->bottom = glyph_box.yMin;
      if (glyph_box.yMax > box->top) box->top = glyph_box.yMax;
    }
    x += places[i].x_advance;
    y += places[i].y_advance;
  }
  if (box->right <= box->left || box->top <= box->bottom) return fail(status, TS_NO_INK, 0);
  return TS_OK;
}

int ts_line_extent(
    ts_font *font, const char *text, size_t length, int size, int *top, int *bottom, ts_status *status) {
  fail(status, TS_OK, 0);
  line_box box;
  int code = shape(font, text, length, size, status);
  if (!code) code = measure(font, &box, status);
  if (code) return code;
  *top = (int)box.top;
  *bottom = (int)box.bottom;
  return TS_OK;
}

/* Adds a rendered glyph to the line; where glyphs overlap, coverage adds up to full. */
static void accumulate(const FT_GlyphSlot slot, ts_bitmap *line) {
  const FT_Bitmap *glyph = &slot->bitmap;
  for (unsigned row = 0; row < glyph->rows; row++) {
    long y = line->height - slot->bitmap_top + (long)row;
    if (y < 0 || y >= line->height) continue;
    const uint8_t *source = glyph->buffer + (long)row * glyph->pitch;
    uint8_t *target = line->coverage + (size_t)y * (size_t)line->width;
    for (unsigned column = 0; column < glyph->width; column++) {
      long x = slot->bitmap_left + (long)column;
      if (x < 0 || x >= line->width) continue;
      unsigned sum = target[x] + source[column];
      target[x] = (uint8_t)(sum > 255 ? 255 : sum);
    }
  }
}

static int render(ts_font *font, const line_box *box, ts_bitmap *line, ts_status *status) {
  unsigned count = 0;
  const hb_glyph_info_t *glyphs = hb_buffer_get_glyph_infos(font->buffer, &count);
  const hb_glyph_position_t *places = hb_buffer_get_glyph_positions(font->buffer, &count);
  long x = -box->left, y = -box->bottom;
  for (unsigned i = 0; i < count; i++) {
    int code = load_outline(font, glyphs[i].codepoint, x + places[i].x_offset, y + places[i].y_offset, status);
    if (code) return code;
    if (font->face->glyph->outline.n_points > 0) {
      FT_Error error = FT_Render_Glyph(font->face->glyph, FT_RENDER_MODE_NORMAL);
      if (error) return fail(status, TS_LIBRARY, error);
      if (font->face->glyph->bitmap.pixel_mode == FT_PIXEL_MODE_GRAY) accumulate(font->face->glyph, line);
    }
    x += places[i].x_advance;
    y += places[i].y_advance;
  }
  return TS_OK;
}

int ts_line_render(
    ts_font *font, const char *text, size_t length, int size, size_t limit, ts_bitmap *bitmap,
    ts_status *status) {
  fail(status, TS_OK, 0);
  memset(bitmap, 0, sizeof *bitmap);
  line_box box;
  int code = shape(font, text, length, size, status);
  if (!code) code = measure(font, &box, status);
  if (code) return code;
  long width = (box.right - box.left + 63) / 64, height = (box.top - box.bottom + 63) / 64;
  if (width > INT_MAX || height > INT_MAX || (size_t)width > limit / (size_t)height)
    return fail(status, TS_TOO_LARGE, 0);
  bitmap->width = (int)width;
  bitmap->height = (int)height;
  bitmap->coverage = calloc((size_t)width, (size_t)height);
  if (!bitmap->coverage) return fail(status, TS_MEMORY, 0);
  code = render(font, &box, bitmap, status);
  if (code) ts_bitmap_free(bitmap);
  return code;
}

void ts_bitmap_free(ts_bitmap *bitmap) {
  free(bitmap->coverage);
  memset(bitmap, 0, sizeof *bitmap);
}
