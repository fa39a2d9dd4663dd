#pragma once

/// Has the allocator keep what is freed instead of giving it back to the system: a fresh mapping costs about 0.55 ms a
/// megabyte in page faults, and codecs allocate a picture's worth for every file. Nothing where the C library offers
/// no such setting.
void tm_keep_freed_memory(void);
