#pragma once
#include "CMediaIO.h"

/// Forgets what the library has logged on this thread, and sees to it that it logs here at all. Call it with the
/// libraries loaded.
void tm_video_listen(void);
/// Fills `message` with what failed, the library's words for `status`, and what it has logged since; returns `status`.
int tm_video_fail(char *message, const char *what, int status);
