/* files - whole files, and the names in folders, by whoever opens for the stage (base/opener.h). */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include "base/arena.h"
#include "base/opener.h"
#include "tocsin/time.h"

/* The whole file with a NUL behind it (caller frees), or NULL: errno tells; EFBIG: more than `most` bytes. */
uint8_t *toc_files_read(const struct toc_opener *opener, const char *path, size_t most, size_t *n);

/* When the file was changed last; 0: it cannot be said. */
toc_time toc_files_changed(const struct toc_opener *opener, const char *path);

/*
 * Names in a folder, ascending, NULL-terminated, folders with a trailing `/`; hidden ones are left out. In the arena.
 * NULL: errno tells (ENOTDIR: it is a file).
 */
const char *const *toc_files_names(const struct toc_opener *opener, struct toc_arena *arena, const char *path);

#endif
