/* keep_gone - a listing, the one before it, and what is missing. */
#include "app/keep_gone.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "app/clerk.h"
#include "app/courier.h"
#include "base/files.h"
#include "deliver/segment.h"

enum { NAME = 64 };

unsigned gone_folders(const struct toc_config *config, struct gone_folder out[GONE_FOLDERS])
{
	unsigned n = 0;
	out[n] = (struct gone_folder){ .name = "journal",
				       .age = config->retention.alerts * TOC_DAY,
				       .key = "retention.alerts_days, deliver.journal_mb" };
	n += toc_courier_folder(config, out[n].path);
	if (!config->evidence)
		return n;
	out[n] = (struct gone_folder){ .name = "evidence",
				       .age = config->evidence_age,
				       .key = "evidence.kept_days, kept_mb" };
	n += toc_clerk_folder(config, TOC_CLERK_KEPT, out[n].path, sizeof(out[n].path));
	out[n] = (struct gone_folder){ .name = "packets",
				       .age = config->packet_age,
				       .key = "evidence.packets_hours, packets_mb" };
	return n + toc_clerk_folder(config, TOC_CLERK_PACKETS, out[n].path, sizeof(out[n].path));
}

/* A line of the list: "NAME BYTES". */
static bool is_there(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static void count(struct gone_count *c, int64_t day, uint64_t bytes)
{
	c->first = !c->segments || day < c->first ? day : c->first;
	c->last = !c->segments || day > c->last ? day : c->last;
	c->segments++;
	c->bytes += bytes;
}

static void compare(const struct gone_folder *folder, FILE *before, const char *const *names, toc_time now,
		    struct gone_count *aged, struct gone_count *room)
{
	char line[NAME * 2], name[NAME];
	uint64_t bytes, base;
	int64_t day;
	while (fgets(line, sizeof(line), before)) {
		if (sscanf(line, "%63s %" SCNu64, name, &bytes) != 2 || !toc_segment_parse(name, &base, &day) ||
		    is_there(names, name))
			continue;
		count(day * TOC_DAY + folder->age < now ? aged : room, day, bytes);
	}
}

static bool write_list(const struct gone_folder *folder, const char *list, const char *const *names)
{
	char half[TOC_ASK_MOST + 8], path[TOC_ASK_MOST + NAME];
	uint64_t base;
	int64_t day;
	struct stat st;
	snprintf(half, sizeof(half), "%s.half", list);
	FILE *f = fopen(half, "we");
	for (; f && names && *names; names++) {
		snprintf(path, sizeof(path), "%s/%s", folder->path, *names);
		if (toc_segment_parse(*names, &base, &day) && stat(path, &st) == 0)
			fprintf(f, "%s %lld\n", *names, (long long)st.st_size);
	}
	bool ok = f && fflush(f) == 0 && !ferror(f);
	ok = f && fclose(f) == 0 && ok;
	return ok && rename(half, list) == 0;
}

bool gone_read(const struct gone_folder *folder, const char *list, toc_time now, struct gone_count *aged,
	       struct gone_count *room)
{
	struct toc_arena *arena = toc_arena_new();
	const char *const *names = toc_files_names(&toc_opener_self, arena, folder->path);
	bool ok = names || errno == ENOENT; /* the engine has not made it yet */
	FILE *before = ok ? fopen(list, "re") : NULL;
	*aged = *room = (struct gone_count){ 0 };
	if (before) {
		compare(folder, before, names, now, aged, room);
		fclose(before);
	}
	ok = ok && write_list(folder, list, names);
	toc_arena_free(arena);
	return ok;
}
