#ifndef TOUCHMARK_CXML_SHIM_H
#define TOUCHMARK_CXML_SHIM_H
#include <libxml/xmlversion.h>
// libxml2 built with ICU would pull ICU's headers in, whose types clash with those in Swift's Foundation. Only the
// struct of encoding handlers depends on it, and that is never touched.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlsave.h>

// `xmlFree` is a global function pointer, which Swift's concurrency checking rightly refuses to read.
static inline void cxml_free(void *memory) { xmlFree(memory); }
#endif
