#ifndef TOUCHMARK_CXML_SHIM_H
#define TOUCHMARK_CXML_SHIM_H
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlsave.h>
#endif
