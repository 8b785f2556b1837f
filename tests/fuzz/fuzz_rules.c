/* fuzz_rules - hostile YAML as rules, taxonomy, lists, pipelines and normalisers: refused with words, never worse.
 * A line "%%%%" ends the rules; what follows is taxonomy, list, and pipeline, with another such line between each. What
 * loads is shown, which walks the trees. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event/dictionary.h"
#include "normalise/lines.h"
#include "ruleset/ruleset.h"
#include "ruleset/show.h"

enum { PARTS = 4 };

static const struct toc_field_decl fields[] = { { "dns", TOC_KIND, false, TOC_OPEN, NULL, "" },
						{ "query", TOC_STRING, false, TOC_OPEN, NULL, "" },
						{ "rcode", TOC_UINT, false, TOC_OPEN, NULL, "" },
						{ "addr", TOC_IP, true, TOC_DEVICE, NULL, "" },
						{ "user", TOC_STRING, false, TOC_PERSON, NULL, "" } };
static const char sources[] = "logsources: [{kind: dns, category: dns}, {kind: dns, product: x, words: true, where: "
			      "{rcode: 1}}]\naliases: {name: [query]}\nkeywords: {dns: [query]}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int part_file(const void *data, size_t n, char path[64])
{
	int fd = memfd_create("part.yml", 0);
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

static void show(const struct toc_ruleset *rules)
{
	FILE *out = fopen("/dev/null", "w");
	for (unsigned i = 0; out && rules && i < rules->ndetections + rules->ncorrelations; i++) {
		toc_ruleset_json(rules, i, true, out);
		toc_ruleset_text(rules, i, out);
	}
	if (out)
		fclose(out);
}

static void load_parts(char paths[PARTS][64], struct toc_intern *names, struct toc_diag *diag)
{
	const char *const part[PARTS][2] = { { paths[0] }, { paths[1] }, { paths[2] }, { paths[3] } };
	struct toc_dictionary *dictionary = toc_dictionary_new(names);
	toc_dictionary_add(dictionary, "fuzz", fields, sizeof(fields) / sizeof(fields[0]));
	const struct toc_ruleset_config config = { .paths = part[0],
						   .taxonomy = part[1],
						   .lists = part[2],
						   .pipelines = part[3],
						   .now = INT64_C(1772438400) * 1000000000,
						   .opener = &toc_opener_self };
	struct toc_ruleset *rules = toc_ruleset_load(&config, names, dictionary, diag);
	show(rules);
	toc_ruleset_free(rules);
	toc_dictionary_free(dictionary);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char paths[PARTS][64], whole[64];
	int fds[PARTS + 1];
	const uint8_t *at = data, *end = data + n;
	for (unsigned i = 0; i < PARTS; i++) {
		const uint8_t *cut = memmem(at, (size_t)(end - at), "\n%%%%\n", 6);
		const uint8_t *stop = cut ? cut + 1 : end;
		bool usual = i == 1 && at == end; /* no taxonomy of its own: one in which rules have a place */
		fds[i] = usual ? part_file(sources, sizeof(sources) - 1, paths[i])
			       : part_file(at, (size_t)(stop - at), paths[i]);
		at = cut ? cut + 6 : end;
	}
	fds[PARTS] = part_file(data, n, whole);
	const char *const one[] = { whole, NULL };
	struct toc_intern *names = toc_intern_new();
	struct toc_diag *diag = toc_diag_new();
	load_parts(paths, names, diag);
	const struct toc_ruleset_config other = {
		.taxonomy = one, .lists = one, .vars = one, .pipelines = one, .calendars = one, .opener = &toc_opener_self
	};
	toc_ruleset_free(toc_ruleset_load(&other, names, NULL, diag));
	toc_normalisers_free(toc_normalisers_load(one, 1, names, diag));
	toc_diag_free(diag);
	toc_intern_free(names);
	for (unsigned i = 0; i <= PARTS; i++)
		close(fds[i]);
	return 0;
}
