/* Shaping and rendering of one line of text: FreeType and HarfBuzz behind one handle with its own error codes.
   A handle belongs to one thread. Sizes are pixels an em, in 1/64. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* The embedded subset font (Fixtures/font): valid for ever. */
const uint8_t *ts_embedded_font(size_t *count);

enum {
  TS_OK = 0,
  TS_NOT_A_FONT,    /* no outlines FreeType understands */
  TS_MEMORY,        /* an allocation failed */
  TS_MISSING_GLYPH, /* `detail` is the byte offset of the character in the text */
  TS_NO_INK,        /* the line leaves no mark: only spaces */
  TS_TOO_LARGE,     /* the bitmap would exceed the limit */
  TS_LIBRARY        /* `detail` is FreeType's own error number */
};

/* Why a call failed. */
typedef struct {
  int code;
  int detail;
} ts_status;

/* Coverage of a line, 0 … 255, row by row, cut to nothing smaller than its outlines' box. */
typedef struct {
  int width;
  int height;
  uint8_t *coverage;
} ts_bitmap;

typedef struct ts_font ts_font;

/* Opens the first face of a font. `bytes` must outlive the handle. Null on failure. */
ts_font *ts_font_open(const uint8_t *bytes, size_t count, ts_status *status);
void ts_font_close(ts_font *font);
/* Family and style as the font names them; valid while the handle lives, never null. */
const char *ts_font_family(const ts_font *font);
const char *ts_font_style(const ts_font *font);

/* Top and bottom of the line's outlines at `size`, in 1/64 pixel above the baseline. Returns TS_OK or a code. */
int ts_line_extent(
    ts_font *font, const char *text, size_t length, int size, int *top, int *bottom, ts_status *status);

/* Renders the line with its lowest outline point on a row boundary. `limit` bounds width × height.
   The caller frees the bitmap. Returns TS_OK or a code. */
int ts_line_render(
    ts_font *font, const char *text, size_t length, int size, size_t limit, ts_bitmap *bitmap,
    ts_status *status);
void ts_bitmap_free(ts_bitmap *bitmap);
