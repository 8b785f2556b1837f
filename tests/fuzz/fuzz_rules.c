/* fuzz_rules - hostile YAML as rules, taxonomy and normalisers: refused with words, never worse. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "event/dictionary.h"
#include "normalise/lines.h"
#include "ruleset/ruleset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char path[64];
	int fd = memfd_create("rules.yml", 0);
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	const char *const paths[] = { path, NULL }, *const none[] = { NULL };
	struct toc_intern *names = toc_intern_new();
	struct toc_diag *diag = toc_diag_new();
	const struct toc_ruleset_config config = { .paths = paths, .opener = &toc_opener_self };
	toc_ruleset_free(toc_ruleset_load(&config, names, NULL, diag));
	const struct toc_ruleset_config other = {
		.taxonomy = paths, .lists = paths, .vars = paths, .pipelines = paths, .opener = &toc_opener_self
	};
	toc_ruleset_free(toc_ruleset_load(&other, names, NULL, diag));
	toc_normalisers_free(toc_normalisers_load(paths, 1, names, diag));
	toc_diag_free(diag);
	toc_intern_free(names);
	close(fd);
	return 0;
}
