/* bench_normalise - CPU seconds of the whole line stage over stored logs: header, clock, normaliser, event. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "normalise/lines.h"

enum { RUNS = 3 };

/* What the events held, so that a fast run that does nothing is seen. */
struct tally {
	struct toc_emit emit;
	uint64_t events, slots, bytes, lost;
};

static void count_event(struct toc_emit *self, struct toc_draft *d)
{
	struct tally *t = (struct tally *)self;
	t->events++;
	t->slots += d->head.nslots;
	t->bytes += d->heap_n;
	t->lost += d->head.lost;
}

static double cpu_seconds(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* The whole file; NUL-terminated behind it. The caller frees it. */
static uint8_t *read_all(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
	uint8_t *bytes = size >= 0 ? malloc((size_t)size + 1) : NULL;
	if (bytes) {
		rewind(f);
		*n = fread(bytes, 1, (size_t)size, f);
		bytes[*n] = 0;
	}
	if (f)
		fclose(f);
	return bytes;
}

static void take_all(struct toc_lines *l, struct toc_span all)
{
	uint64_t ordinal = 0;
	while (all.n) {
		size_t end = toc_span_find(all, '\n');
		const struct toc_line line = { .text = toc_span_first(all, end), .ordinal = ++ordinal };
		toc_lines_take(l, &line);
		all = toc_span_from(all, end + 1);
	}
}

static void run(const char *path, struct toc_span all, const struct toc_normalisers *n)
{
	const struct toc_hash_key key = { 1, 2 };
	/* the corpus of bench/README.md was written on 2026-03-02 */
	const struct toc_lines_config config = { .stored = true,
						 .received_at = INT64_C(1772500000) * TOC_SEC,
						 .relay = true };
	struct tally t = { .emit = { count_event } };
	struct toc_lines *l = toc_lines_new(&config, n, &key, &t.emit);
	if (!l)
		abort();
	double before = cpu_seconds();
	take_all(l, all);
	double spent = cpu_seconds() - before;
	const struct toc_line_counters *c = toc_lines_count(l);
	printf("%s: %llu lines, %.0f lines/CPU s, %.3f CPU s; %llu events, %llu parsed, %llu unparsed, %llu without "
	       "time, "
	       "%llu fields, %llu B, %llu lost\n",
	       path, (unsigned long long)c->lines, spent > 0 ? (double)c->lines / spent : 0, spent,
	       (unsigned long long)t.events, (unsigned long long)c->parsed, (unsigned long long)c->unparsed,
	       (unsigned long long)c->no_time, (unsigned long long)t.slots, (unsigned long long)t.bytes,
	       (unsigned long long)t.lost);
	toc_lines_free(l);
}

int main(int argc, char **argv)
{
	struct toc_intern *names = toc_intern_new();
	struct toc_diag *diag = toc_diag_new();
	if (argc < 3) {
		fprintf(stderr, "usage: bench_normalise RULES FILE...   (RULES: rules/normalise)\n");
		return 2;
	}
	const char *rules = argv[1];
	struct toc_normalisers *n = toc_normalisers_load(&rules, 1, names, diag);
	toc_diag_print(diag, stderr);
	for (int i = 2; n && i < argc; i++) {
		size_t size = 0;
		uint8_t *bytes = read_all(argv[i], &size);
		if (!bytes) {
			fprintf(stderr, "%s cannot be read\n", argv[i]);
			return 2;
		}
		for (int k = 0; k < RUNS; k++)
			run(argv[i], toc_span_of(bytes, size), n);
		free(bytes);
	}
	int status = n ? 0 : 2;
	toc_normalisers_free(n);
	toc_diag_free(diag);
	toc_intern_free(names);
	return status;
}
