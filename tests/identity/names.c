/* names - log lines as they were received, through headers, clocks, normalisers and identity; its answers against the
 * truth. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "identity/identity.h"
#include "normalise/lines.h"

enum { LINE = 1 << 16, RECORD = 1 << 17, NAME = 64 };

static const double least_right = 99, most_wrong = 0.05; /* per cent: of what could be named; of all that was asked */

struct asking {
	struct toc_emit emit; /* first: lines call this */
	struct toc_identity *identity;
	toc_field src_user;
	char answer[NAME], source[NAME]; /* to the line that was taken last */
	toc_field src_source;
	double seconds;
	_Alignas(8) uint8_t record[RECORD];
};

struct score {
	uint64_t lines, asked, could, right, wrong, unknown;
};

static void copy(char out[NAME], const struct toc_event *who, toc_field field)
{
	struct toc_value v = who ? toc_event_get(who, field) : (struct toc_value){ .type = TOC_NONE };
	snprintf(out, NAME, "%.*s", v.type == TOC_STRING ? (int)v.as.s.n : 0,
		 v.type == TOC_STRING ? (const char *)v.as.s.p : "");
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void take_event(struct toc_emit *emit, struct toc_draft *d)
{
	struct asking *a = (struct asking *)emit;
	if (toc_draft_size(d) > RECORD)
		abort();
	const struct toc_event *ev = toc_draft_seal(d, a->record);
	double before = now();
	const struct toc_event *who = toc_identity_see(a->identity, ev, 0);
	a->seconds += now() - before;
	copy(a->answer, who, a->src_user);
	copy(a->source, who, a->src_source);
}

/* "USER/1", or "-" where nothing is asked. */
static void judge(const struct asking *a, char *question, struct score *s, const char *text, bool verbose)
{
	char *slash = strchr(question, '/');
	if (!slash)
		return;
	*slash = '\0';
	bool could = slash[1] == '1', right = strcmp(a->answer, question) == 0, unknown = !a->answer[0];
	s->asked++;
	s->could += could;
	s->right += could && right;
	s->wrong += !right && !unknown;
	s->unknown += unknown;
	if (verbose && !right && (could || !unknown))
		printf("%s %s, said %s by %s: %.200s\n", unknown ? "unknown" : "wrong", question, a->answer, a->source,
		       text);
}

/* receipt TAB peer TAB question TAB text; false: the file is not of that form. */
static bool take(struct asking *a, struct toc_lines *lines, char *line, struct score *s, bool verbose)
{
	char *cells[4];
	for (unsigned i = 0; i < 4; i++)
		cells[i] = i < 3 ? strsep(&line, "\t") : line;
	struct toc_line one = { .ordinal = ++s->lines, .has_peer = true };
	if (!cells[3] || !toc_addr_parse(toc_span_str(cells[1]), &one.peer))
		return false;
	one.at = strtoll(cells[0], NULL, 10);
	one.text = toc_span_str(cells[3]);
	toc_lines_take(lines, &one);
	judge(a, cells[2], s, cells[3], verbose);
	return true;
}

static int tell(const struct asking *a, const struct score *s)
{
	double right = s->could ? 100 * (double)s->right / (double)s->could : 0;
	double wrong = s->asked ? 100 * (double)s->wrong / (double)s->asked : 100;
	printf("%" PRIu64 " lines, %" PRIu64 " asked, %" PRIu64
	       " could be named: right %.3f %% of those; wrong %.4f %% of all, unknown "
	       "%.3f %%; %u addresses and devices known; identity took %.2f CPU s\n",
	       s->lines, s->asked, s->could, right, wrong, s->asked ? 100 * (double)s->unknown / (double)s->asked : 0,
	       toc_identity_count(a->identity), a->seconds);
	return right >= least_right && wrong <= most_wrong ? 0 : 1;
}

int main(int argc, char **argv)
{
	static char line[LINE];
	static struct asking a = { .emit = { take_event } };
	static const char *const path = "rules/normalise";
	const struct toc_hash_key key = { 1, 2 };
	const struct toc_lines_config config = { .zone = "UTC" };
	struct toc_diag *diag = toc_diag_new();
	struct toc_intern *names = toc_intern_new();
	struct toc_normalisers *n = toc_normalisers_load(&path, 1, names, diag);
	a.identity = toc_identity_new(NULL, NULL, names, &key, diag);
	struct toc_lines *lines = n ? toc_lines_new(&config, n, &key, &a.emit) : NULL;
	struct score s = { 0 };
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	if (!lines || !a.identity) {
		fputs("cannot read rules/normalise: run it in the source's folder\n", stderr);
		return 3;
	}
	a.src_user = toc_intern_add(names, toc_span_str("src_user"));
	a.src_source = toc_intern_add(names, toc_span_str("src_source"));
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!take(&a, lines, line, &s, verbose))
			return 2;
	}
	int status = tell(&a, &s);
	toc_lines_free(lines);
	toc_identity_free(a.identity);
	toc_normalisers_free(n);
	toc_intern_free(names);
	toc_diag_free(diag);
	return status;
}
