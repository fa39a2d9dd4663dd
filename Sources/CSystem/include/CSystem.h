#pragma once

#include <stddef.h>
#include <stdint.h>

/// Has the allocator keep what is freed instead of giving it back to the system: a fresh mapping costs about 0.55 ms a
/// megabyte in page faults, and codecs allocate a picture's worth for every file. Nothing where the C library offers
/// no such setting.
void tm_keep_freed_memory(void);

/// Has what the calling thread allocates next, up to 48 MB of it, lie in huge pages where the system lends such: the first writes to it
/// take less time, and so does finding its pages ever after. To be called when the thread begins. Nothing where there are none, or where
/// the allocator gives back what is freed.
void tm_prefer_huge_pages(void);

/// Gives back to the system what the allocator holds and nobody uses. Nothing where the C library cannot.
void tm_release_freed_memory(void);

/// A descriptor of an empty file without a name, in memory where the system offers that; -1 with errno.
int tm_unnamed_file(void);

/// Appends at most `count` bytes from `offset` of the file `from` to `to`, in the kernel where it can. Returns the bytes
/// copied, 0 at the end of `from`, -1 with errno.
ptrdiff_t tm_copy_range(int from, int64_t offset, int to, size_t count);

/// Has the system begin to write the file's dirty pages to the disk without waiting for it. A hint: it cannot fail.
void tm_start_writeback(int descriptor);

/// Waits until the file's bytes, and what is needed to read them back, are on the disk. Returns -1 with errno.
int tm_sync_data(int descriptor);

/// The least number of bits in which `hash`, 256 bits, differs from any of `count` others that stand one behind the other; 257 without any.
int tm_nearest_hash(const uint64_t *hash, const uint64_t *others, int count);
