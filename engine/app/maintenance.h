/* maintenance - windows of announced work: state/maintenance.yml, written by `tocsin maintenance`, read by the engine.
 */
#ifndef APP_MAINTENANCE_H
#define APP_MAINTENANCE_H

#include <stdio.h>

#include "alert/maintenance.h"
#include "base/arena.h"
#include "base/diag.h"
#include "base/opener.h"

/* One reading of the file. */
struct toc_maintenance_file {
	struct toc_maintenances list;
	struct toc_arena *arena;
};

void toc_maintenance_path(const char *state, char *out, size_t room);

/* No file: no windows. NULL: diag has errors. Owned by the caller. */
struct toc_maintenance_file *toc_maintenance_read(const struct toc_opener *opener, const char *state,
						  struct toc_diag *diag);
void toc_maintenance_free(struct toc_maintenance_file *f);

/* As it is read again. */
void toc_maintenance_write(const struct toc_maintenances *list, FILE *out);

/* A JSON list of those that are not over at that time. */
void toc_maintenance_json(const struct toc_maintenances *list, toc_time at, FILE *out);

#endif
