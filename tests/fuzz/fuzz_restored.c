/* fuzz_restored - what a start finds in the state folder beside correlations (fuzz_snapshot.c): peaks under a digest
 * that fits (first byte odd), and what identity knew. */
#include <stdlib.h>
#include <string.h>

#include "correlate/peaks.h"
#include "correlate/snapshot.h"
#include "identity/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct toc_hash_key key = { 1, 2 };

static void nothing(struct toc_findings *self, const struct toc_finding *f)
{
	(void)self, (void)f;
}

static void peaks(struct toc_span body)
{
	static const struct snapshot_form form = { "peaks", 1 };
	struct toc_findings out = { nothing, nothing, nothing };
	struct toc_corr_ref ref = { .rule = 0 };
	const struct toc_corr_rule rule = { .number = 10,
					    .id = "r",
					    .shape = 7,
					    .kind = toc_corr_kind_find("event_count"),
					    .nrefs = 1,
					    .refs = &ref,
					    .timespan = TOC_MIN,
					    .nbounds = 1,
					    .bounds = { { TOC_CORR_GTE, 3 } },
					    .observed = true };
	const struct toc_corr_config config = { 0 };
	struct toc_corr_peaks read;
	const char *what;
	size_t n;
	uint8_t *sealed = snapshot_seal(&form, body, &n);
	struct toc_correlator *c = toc_correlator_new(&config, &rule, 1, &key, &out);
	if (!sealed || !c)
		abort();
	toc_correlate_keep_peaks(c);
	toc_correlate_peaks_restore(c, toc_span_of(sealed, n), &what);
	toc_correlate_peaks(c, 0, UINT32_MAX, &read);
	toc_correlate_advance(c, 20000 * TOC_DAY);
	free(toc_correlate_peaks_save(c, 1, &n));
	toc_correlator_free(c);
	free(sealed);
}

/* What was taken is asked of, and saved as it is read again. */
static void identity(struct toc_span bytes, struct toc_intern *names)
{
	struct toc_diag *diag = toc_diag_new();
	struct toc_identity *id = toc_identity_new(NULL, NULL, names, &key, diag);
	FILE *out = fopen("/dev/null", "w");
	size_t n;
	if (!id || !out)
		abort();
	toc_identity_restore(id, bytes, TOC_HOUR);
	toc_identity_who(id, "10.20.1.5", 20000 * TOC_DAY, out);
	toc_identity_who(id, "anna", 20000 * TOC_DAY, out);
	uint8_t *saved = toc_identity_save(id, &n);
	if (saved && !toc_identity_restore(id, toc_span_of(saved, n), 0))
		abort();
	free(saved);
	fclose(out);
	toc_identity_free(id);
	toc_diag_free(diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct toc_intern *names; /* made once: it is large, and only grows */
	names = names ? names : toc_intern_new();
	if (n < 1)
		return 0;
	if (data[0] & 1)
		peaks(toc_span_of(data + 1, n - 1));
	else
		identity(toc_span_of(data + 1, n - 1), names);
	return 0;
}
