/* fuzz_config - hostile files of an operator: the configuration with the rosters and people that it names, announced
 * maintenance, exemptions. A line "%%%%" goes on to the next one. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/exemption.h"
#include "app/maintenance.h"
#include "identity/site.h"

/* The configuration names the others as 101 and so on: relative paths begin at its own folder, /proc/self/fd. */
enum { CONFIG = 100, DEVICES, PERSONS, PEOPLE, MAINTENANCE, EXEMPTION, END };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void make_file(int fd, const void *data, size_t n)
{
	int made = memfd_create("part", 0);
	if (made < 0 || write(made, data, n) != (ssize_t)n || dup2(made, fd) != fd)
		abort();
	close(made);
}

static int ask(const struct toc_opener *self, enum toc_ask ask, const char *what)
{
	char path[32];
	(void)self, (void)ask, (void)what;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", MAINTENANCE);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void load_config(struct toc_diag *diag, FILE *out)
{
	char path[32];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", CONFIG);
	struct toc_config *c = toc_config_load(path, "/nonexistent", diag);
	struct toc_site *site = toc_site_new(c->arena, c->site, NULL, diag);
	if (site)
		toc_site_device(site, toc_span_str("02:00:00:00:00:01"));
	toc_config_values(c, out);
	toc_config_free(c);
}

static void load_maintenance(struct toc_diag *diag, FILE *out)
{
	static const struct toc_opener opener = { ask };
	struct toc_maintenance_file *f = toc_maintenance_read(&opener, "/state", diag);
	if (!f)
		return;
	toc_maintenance_write(&f->list, out);
	toc_maintenance_json(&f->list, INT64_C(1772438400) * TOC_SEC, out);
	toc_maintenance_free(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const uint8_t *at = data, *end = data + n;
	struct toc_diag *diag = toc_diag_new();
	struct toc_exemption_file exemption;
	char path[32];
	FILE *out = fopen("/dev/null", "w");
	if (!out)
		abort();
	for (int fd = CONFIG; fd < END; fd++) {
		const uint8_t *cut = memmem(at, (size_t)(end - at), "\n%%%%\n", 6);
		make_file(fd, at, (size_t)((cut ? cut + 1 : end) - at));
		at = cut ? cut + 6 : end;
	}
	load_config(diag, out);
	load_maintenance(diag, out);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", EXEMPTION);
	toc_exemption_read(path, &exemption);
	for (int fd = CONFIG; fd < END; fd++)
		close(fd);
	fclose(out);
	toc_diag_free(diag);
	return 0;
}
