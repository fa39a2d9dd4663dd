#ifndef TOUCHMARK_CIMAGEIO_H
#define TOUCHMARK_CIMAGEIO_H
#include "block.h"
#include "block_transform.h"
#include "jpeg.h"
#include "deflate.h"
#include "huffman.h"
#include "jpeg_encode.h"
#include "filters.h"
#include "scan.h"
#endif
