/* evidence - `tocsin evidence ID`: the lines and packets that were kept for an alert, or why there are none. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/audit_log.h"
#include "app/clerk.h"
#include "app/command.h"
#include "app/holds.h"
#include "app/now.h"
#include "app/options.h"
#include "base/log.h"
#include "cli/safe.h"
#include "evidence/cut.h"
#include "evidence/spool.h"

enum { RECORDS = 1024, COLUMNS = 4096 };

struct found {
	uint8_t *bson;
	uint32_t n;
	unsigned revision;
};

struct fetching {
	const char *config_path, *pcap, *reason, *id, *hold;
	bool json;
	long revision; /* 0 = all */
	struct toc_config *config;
	struct found at[RECORDS];
	unsigned n;
	bool altered;
};

static bool collect(void *user, const uint8_t *bson, uint32_t n)
{
	struct fetching *f = user;
	struct cut_record r;
	if (!cut_read(bson, n, &r) || strcmp(r.id, f->id) != 0 || (f->revision && r.revision != f->revision))
		return true;
	uint8_t *copy = malloc(n);
	if (!copy)
		return false;
	memcpy(copy, bson, n);
	f->at[f->n++] = (struct found){ copy, n, r.revision };
	return f->n < RECORDS;
}

static int by_revision(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	return x->revision < y->revision ? -1 : x->revision > y->revision;
}

/* --- for people --------------------------------------------------------------------------------------------------- */

static void print_time(const char *before, toc_time at)
{
	char text[TIME_TEXT];
	printf("%s%.*s", before, (int)time_text(at, text), text);
}

static void print_text(const char *before, struct toc_span text)
{
	char out[4 * COLUMNS + 1];
	cli_safe(text, COLUMNS, out, sizeof(out));
	printf("%s%s\n", before, out);
}

static void print_record(const struct cut_record *r)
{
	printf("alert %s revision %u, rule ", r->id, r->revision);
	print_text("", toc_span_str(r->rule));
	print_time("  told ", r->at);
	print_text(" by sensor ", toc_span_str(r->sensor));
	for (unsigned i = 0; i < r->nlines; i++) {
		print_time("  line ", r->line[i].ts);
		printf("  sha256 %s%s%s\n", r->line[i].sha256, r->line[i].cut ? "  (only its beginning)" : "",
		       r->line[i].whole ? "" : "  ALTERED: the text has another digest");
		print_text("    ", r->line[i].text);
	}
	if (!r->npackets) {
		printf("  packets: none; %s\n", r->missing);
		return;
	}
	printf("  packets: %u, sha256 %s%s", r->npackets, r->sha256, r->whole ? "" : "  ALTERED");
	if (r->left_out)
		printf("; %u more did not fit", r->left_out);
	puts("; --pcap FILE writes them");
}

/* --- for scripts -------------------------------------------------------------------------------------------------- */

static void json_time(struct text *t, const char *name, toc_time at)
{
	char text[TIME_TEXT];
	json_put(t, name, toc_span_of(text, time_text(at, text)));
}

static void json_line(struct text *t, const struct cut_record *r, unsigned i)
{
	text_puts(t, i ? ",{" : "{");
	json_time(t, "ts", r->line[i].ts);
	json_put(t, "text", r->line[i].text);
	json_puts(t, "sha256", r->line[i].sha256);
	text_puts(t, r->line[i].cut ? ",\"cut\":true" : ",\"cut\":false");
	text_puts(t, r->line[i].whole ? ",\"whole\":true}" : ",\"whole\":false}");
}

static void print_json(const struct cut_record *r)
{
	struct text t = { 0 };
	text_puts(&t, "{");
	json_puts(&t, "id", r->id);
	json_number(&t, "rev", r->revision);
	json_puts(&t, "rule", r->rule);
	json_puts(&t, "sensor", r->sensor);
	json_time(&t, "at", r->at);
	json_name(&t, "raw");
	text_puts(&t, "[");
	for (unsigned i = 0; i < r->nlines; i++)
		json_line(&t, r, i);
	text_puts(&t, "]");
	if (r->npackets) {
		json_name(&t, "pcap");
		text_puts(&t, "{");
		json_number(&t, "packets", r->npackets);
		json_number(&t, "left_out", r->left_out);
		json_time(&t, "from", r->from);
		json_time(&t, "to", r->to);
		json_puts(&t, "sha256", r->sha256);
		text_puts(&t, r->whole ? ",\"whole\":true}" : ",\"whole\":false}");
	} else {
		json_puts(&t, "missing", r->missing);
	}
	text_puts(&t, "}\n");
	fwrite(t.p, 1, t.n, stdout);
	text_free(&t);
}

/* --- both --------------------------------------------------------------------------------------------------------- */

/* The last revision that has any: its flows are those of the first events and of the latest. */
static int write_pcap(const struct fetching *f)
{
	struct cut_record r = { .npackets = 0 };
	for (unsigned i = f->n; i > 0 && !r.npackets; i--)
		cut_read(f->at[i - 1].bson, f->at[i - 1].n, &r);
	if (!r.npackets) {
		toc_error("evidence: no packets were kept: %s", r.missing);
		return TOC_EXIT_FINDINGS;
	}
	int fd = open(f->pcap, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool ok = out && fwrite(r.pcapng.p, 1, r.pcapng.n, out) == r.pcapng.n;
	ok = out && fclose(out) == 0 && ok;
	if (!ok)
		toc_error("%s: %s", f->pcap, strerror(errno));
	else
		fprintf(stderr, "tocsin: %s: %u packets of revision %u, sha256 %s\n", f->pcap, r.npackets, r.revision,
			r.sha256);
	return ok ? TOC_EXIT_OK : TOC_EXIT_ENVIRONMENT;
}

static void show(struct fetching *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		struct cut_record r;
		if (!cut_read(f->at[i].bson, f->at[i].n, &r))
			continue;
		f->altered = f->altered || !r.whole;
		for (unsigned k = 0; k < r.nlines; k++)
			f->altered = f->altered || !r.line[k].whole;
		if (f->json)
			print_json(&r);
		else
			print_record(&r);
	}
}

/* Lines name people as they came: it is a look at somebody's data (603 CMR 23.07), written down before it. */
static bool note(const struct fetching *f)
{
	char parts[128];
	unsigned lines = 0, packets = 0;
	for (unsigned i = 0; i < f->n; i++) {
		struct cut_record r;
		cut_read(f->at[i].bson, f->at[i].n, &r);
		lines += r.nlines;
		packets += r.npackets;
	}
	snprintf(parts, sizeof(parts), "evidence of %u revisions: %u lines, %u packets", f->n, lines, packets);
	struct toc_audit_record record = {
		.act = "evidence.seen", .alert = f->id, .reason = f->reason, .parts = parts
	};
	toc_audit_caller(f->config, &record);
	return toc_audit_write(f->config, &record, toc_now());
}

static int fetch(struct fetching *f)
{
	char folder[TOC_ASK_MOST];
	bool ok = f->hold ? toc_hold_path(f->config, f->hold, "evidence", folder, sizeof(folder))
			  : toc_clerk_folder(f->config, TOC_CLERK_KEPT, folder, sizeof(folder));
	if (!ok || !spool_read_folder(folder, collect, f)) {
		toc_error("%s: %s; has the sensor kept evidence here (evidence, state)?", folder, strerror(errno));
		return TOC_EXIT_ENVIRONMENT;
	}
	if (!f->n) {
		printf("nothing is kept of alert %s: it is of another sensor, older than evidence.kept_days or what "
		       "evidence.kept_mb holds, of the last seconds, or one of those that `tocsin status` counts as "
		       "evidence_lost\n",
		       f->id);
		return TOC_EXIT_FINDINGS;
	}
	qsort(f->at, f->n, sizeof(f->at[0]), by_revision);
	if (!note(f))
		return TOC_EXIT_ENVIRONMENT;
	if (f->pcap)
		return write_pcap(f);
	show(f);
	return f->altered ? TOC_EXIT_FINDINGS : TOC_EXIT_OK;
}

static bool is_id(const char *text)
{
	return strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

int toc_command_evidence(int argc, char **argv);
int toc_command_evidence(int argc, char **argv)
{
	struct fetching *f = calloc(1, sizeof(*f));
	struct toc_texts words = { 0 };
	if (!f)
		abort();
	const struct toc_option options[] = {
		{ "-c", TOC_OPT_TEXT, &f->config_path, "FILE  tocsin.yml" },
		{ "--config", TOC_OPT_TEXT, &f->config_path, "FILE  the same" },
		{ "--reason", TOC_OPT_TEXT, &f->reason, "TEXT  why; it is kept in the audit log" },
		{ "--pcap", TOC_OPT_TEXT, &f->pcap, "FILE  gets the packets, as pcapng" },
		{ "--revision", TOC_OPT_NUMBER, &f->revision,
		  "N  of the alert (all; --pcap: the last one with packets)" },
		{ "--hold", TOC_OPT_TEXT, &f->hold, "NAME  what that hold has a copy of (tocsin hold)" },
		{ "--json", TOC_OPT_FLAG, &f->json, "a line for each revision" },
		{ NULL, TOC_OPT_FLAG, NULL, NULL },
	};
	int status = toc_options_read(argc, argv, options, &words);
	if (status < 0 && (words.n != 1 || !is_id(words.at[0]))) {
		toc_error("evidence: give an alert's id (32 hex digits)");
		status = TOC_EXIT_USAGE;
	}
	if (status < 0 && (!f->reason || strlen(f->reason) < 4)) {
		toc_error("evidence: give --reason \"why\": log lines name people, and who looked is kept");
		status = TOC_EXIT_USAGE;
	}
	if (status < 0) {
		f->id = words.at[0];
		f->config = toc_config_open(f->config_path);
		status = f->config ? fetch(f) : TOC_EXIT_USAGE;
		toc_config_free(f->config);
	}
	for (unsigned i = 0; i < f->n; i++)
		free(f->at[i].bson);
	free(f);
	return status;
}
