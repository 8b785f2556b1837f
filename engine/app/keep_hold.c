/* keep_hold - holds go on: records, evidence, and what people did to the alerts, before retention comes to them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/audit_log.h"
#include "app/holds.h"
#include "app/keep.h"
#include "app/now.h"
#include "base/files.h"
#include "base/log.h"
#include "cli/plain.h"

enum { DEEDS_MOST = 256 << 20 };

static const toc_time every = TOC_HOUR;

struct keep_hold {
	const struct keep *k;
	toc_time next; /* monotonic */
};

struct keep_hold *keep_hold_new(const struct keep *k)
{
	struct keep_hold *x = calloc(1, sizeof(*x));
	if (!x)
		abort();
	x->k = k;
	return x;
}

void keep_hold_free(struct keep_hold *x)
{
	free(x);
}

/* Deeds of one alert that the file has not got; returns their number. */
static unsigned put_deeds(struct text *out, const char *had, const struct cli_alert *a)
{
	unsigned n = 0;
	for (unsigned i = 0; a && i < a->nevents; i++) {
		char id[CLI_STATE_ID + 16];
		snprintf(id, sizeof(id), "{\"id\":\"%s\"", a->events[i]->id);
		if (had && strstr(had, id))
			continue;
		text_puts(out, "{\"alert\":");
		json_string(out, toc_span_str(a->id));
		json_name(out, "deed");
		cli_event_json(out, a->events[i]);
		text_puts(out, "}\n");
		n++;
	}
	return n;
}

static unsigned copy_deeds(const struct keep_hold *x, const struct toc_hold *hold, const struct toc_hold_count *count)
{
	char path[TOC_ASK_MOST];
	struct text more = { 0 };
	unsigned deeds = 0;
	size_t n = 0;
	bool many;
	if (!toc_hold_path(x->k->config, hold->name, "deeds.jsonl", path, sizeof(path)))
		return 0;
	char *had = (char *)toc_files_read(&toc_opener_self, path, DEEDS_MOST, &n);
	for (unsigned i = 0; i < count->nalerts; i++)
		deeds += put_deeds(&more, had, cli_board_find(x->k->board, count->alerts[i], &many));
	int fd = more.n ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	if (more.n && (fd < 0 || write(fd, more.p, more.n) != (ssize_t)more.n || fsync(fd) != 0))
		toc_warn("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	text_free(&more);
	free(had);
	return deeds;
}

static void copy(const struct keep_hold *x, const struct toc_hold *hold)
{
	struct toc_hold_count count;
	char parts[160];
	if (!toc_hold_copy(x->k->config, hold, &count))
		toc_warn("hold %s: %s", hold->name, strerror(errno));
	if (count.full)
		toc_warn("hold %s: there is more than it can hold (%d alerts)", hold->name, TOC_HOLD_ALERTS);
	const unsigned deeds = copy_deeds(x, hold, &count);
	snprintf(parts, sizeof(parts), "%u alerts; %u records, %u of evidence, %u deeds more", count.nalerts,
		 count.records, count.cuts, deeds);
	const struct toc_audit_record record = {
		.act = "hold.grown", .uid = toc_keeper_uid, .request = hold->name, .parts = parts, .other = hold->owner
	};
	if (count.records + count.cuts + deeds > 0)
		toc_audit_write(x->k->config, &record, toc_now());
	free(count.alerts);
}

void keep_hold_step(struct keep_hold *x)
{
	const toc_time at = toc_now_monotonic();
	if (x->next && at < x->next)
		return;
	x->next = at + every;
	struct toc_arena *arena = toc_arena_new();
	for (const char *const *name = toc_hold_names(x->k->config, arena); name && *name; name++) {
		const struct toc_hold *hold = toc_hold_read(x->k->config, arena, *name);
		if (!hold)
			toc_warn("hold %s: %s", *name, strerror(errno));
		else if (!toc_hold_is_over(hold, toc_now()))
			copy(x, hold);
	}
	toc_arena_free(arena);
}
