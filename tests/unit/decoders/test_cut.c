/* cut: every decoder of streams has a stream in streams.txt, reads it, and says the same however that is cut. A decoder
 * that is not in there fails. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

#include "harness.h"

enum { LINE = 40000, BYTES = 65536, STEPS = 64, ROUNDS = 20, RUNS = 3000 };

struct stream {
	char name[32];
	unsigned line;
	uint16_t port;
	size_t nsteps, used;
	struct trial_step steps[STEPS];
	uint8_t bytes[BYTES];
};

static int digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "> 0a0b": the originator says so; "< …": the responder; "> -9": nine bytes of it are lost. */
static void add_step(struct stream *s, const char *line)
{
	struct trial_step *step = &s->steps[s->nsteps++];
	assert_true(s->nsteps <= STEPS);
	step->dir = line[0] == '>' ? TOC_ORIG : TOC_RESP;
	if (line[2] == '-') {
		step->n = (size_t)strtoul(line + 3, NULL, 10);
		return;
	}
	step->bytes = s->bytes + s->used;
	for (line += 2; digit(line[0]) >= 0 && digit(line[1]) >= 0; line += 2) {
		assert_true(s->used < BYTES);
		s->bytes[s->used++] = (uint8_t)(digit(line[0]) << 4 | digit(line[1]));
		step->n++;
	}
	assert_true(step->n && (*line == '\n' || *line == '\0'));
}

/* The next stream of the file; false: there is none. */
static bool read_stream(FILE *f, struct stream *s, unsigned *number)
{
	static char line[LINE];
	bool any = false;
	memset(s, 0, sizeof(*s));
	while (fgets(line, sizeof(line), f)) {
		++*number;
		if (line[0] == '=') {
			assert_int_equal(sscanf(line, "= %31s %hu", s->name, &s->port), 2);
			s->line = *number;
			any = true;
		} else if (line[0] == '>' || line[0] == '<') {
			add_step(s, line);
		} else if (line[0] == '\n' && any) {
			return true;
		}
	}
	return any;
}

static const struct toc_decoder *find(const char *name)
{
	for (const struct toc_decoder *const *d = toc_decoders; *d; d++)
		if (strcmp((*d)->name, name) == 0)
			return *d;
	fail_msg("no decoder is called %s", name);
	return NULL;
}

static void try_stream(const struct stream *s, const struct toc_decoder *d)
{
	char *whole = trial_run(d, TOC_OVER_TCP, s->port, s->steps, s->nsteps);
	const bool read = strstr(whole, "\"event\"") || strstr(whole, "\"confirm\"") || strstr(whole, "\"body\"");
	if (!read || strstr(whole, "\"bad\""))
		fail_msg("streams.txt:%u: %s does not read it: %s", s->line, s->name, whole);
	free(whole);
	if (!trial_same_however_cut(d, s->port, s->steps, s->nsteps, ROUNDS) ||
	    !trial_same_wherever_cut(d, s->port, s->steps, s->nsteps, 1 + s->used / RUNS))
		fail_msg("streams.txt:%u: %s", s->line, s->name);
}

static void every_decoder_of_streams(void **state)
{
	(void)state;
	static struct stream s;
	unsigned number = 0, missing = 0;
	bool *seen = calloc(1024, sizeof(*seen));
	FILE *f = fopen("tests/unit/decoders/streams.txt", "r");
	assert_non_null(f);
	assert_non_null(seen);
	while (read_stream(f, &s, &number)) {
		const struct toc_decoder *d = find(s.name);
		for (unsigned i = 0; toc_decoders[i]; i++)
			seen[i] = seen[i] || toc_decoders[i] == d;
		try_stream(&s, d);
	}
	fclose(f);
	for (unsigned i = 0; toc_decoders[i]; i++) {
		if (seen[i] || !(toc_decoders[i]->carriers & TOC_OVER_TCP))
			continue;
		print_error("%s reads streams and has none in tests/unit/decoders/streams.txt\n",
			    toc_decoders[i]->name);
		missing++;
	}
	free(seen);
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_decoder_of_streams) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
