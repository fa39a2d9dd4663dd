#include "CSignal.h"
#include "octets.h"

#include <stddef.h>

// As in blocks.c: one order of operations, nothing fused.
#pragma STDC FP_CONTRACT OFF

// What a butterfly reads and writes: four points of `span` and of `stride` values each, and factors of three of them.
typedef struct {
  const float *xr;
  const float *xi;
  float *yr;
  float *yi;
  size_t span;
  size_t stride;
  float c[3];
  float s[3];
} points;

// `lanes` sequences side by side, a constant up to eight.
BODY void butterfly(const points *p, size_t at, size_t lanes) {
  octet xr[4] = {{0}}, xi[4] = {{0}}, yr[4], yi[4];
  for (int i = 0; i < 4; i++) {
    memcpy(xr + i, p->xr + p->span * i + at, sizeof(float) * lanes);
    memcpy(xi + i, p->xi + p->span * i + at, sizeof(float) * lanes);
  }
  octet sum_r = xr[0] + xr[2], sum_i = xi[0] + xi[2], less_r = xr[0] - xr[2], less_i = xi[0] - xi[2];
  octet more_r = xr[1] + xr[3], more_i = xi[1] + xi[3], turn_r = xi[1] - xi[3], turn_i = xr[3] - xr[1];
  yr[0] = sum_r + more_r;
  yi[0] = sum_i + more_i;
  octet r[3] = {less_r + turn_r, sum_r - more_r, less_r - turn_r};
  octet i[3] = {less_i + turn_i, sum_i - more_i, less_i - turn_i};
  for (int k = 0; k < 3; k++) {
    yr[k + 1] = r[k] * p->c[k] - i[k] * p->s[k];
    yi[k + 1] = r[k] * p->s[k] + i[k] * p->c[k];
  }
  for (int k = 0; k < 4; k++) {
    memcpy(p->yr + p->stride * k + at, yr + k, sizeof(float) * lanes);
    memcpy(p->yi + p->stride * k + at, yi + k, sizeof(float) * lanes);
  }
}

BODY void radix4(const tm_fourier_pass *pass, const float *xr, const float *xi, float *yr, float *yi) {
  size_t stride = (size_t)pass->stride, quarter = (size_t)pass->points / 4, step = (size_t)(pass->length / pass->points);
  for (size_t p = 0; p < quarter; p++) {
    points group = {
        .xr = xr + stride * p,
        .xi = xi + stride * p,
        .yr = yr + 4 * stride * p,
        .yi = yi + 4 * stride * p,
        .span = stride * quarter,
        .stride = stride,
    };
    for (size_t k = 0; k < 3; k++) {
      group.c[k] = pass->cosines[(k + 1) * p * step];
      group.s[k] = pass->sines[(k + 1) * p * step];
    }
    size_t at = 0;
    for (; at + 8 <= stride; at += 8) butterfly(&group, at, 8);
    for (; at < stride; at += 4) butterfly(&group, at, 4);
  }
}

#if defined(__x86_64__)

WIDE void radix4_avx2(const tm_fourier_pass *pass, const float *xr, const float *xi, float *yr, float *yi) {
  radix4(pass, xr, xi, yr, yi);
}

#endif

void tm_fourier_radix4(const tm_fourier_pass *pass, const float *xr, const float *xi, float *yr, float *yi) {
  DISPATCH(radix4, pass, xr, xi, yr, yi);
}
