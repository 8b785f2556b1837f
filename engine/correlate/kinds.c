/* kinds - the list of correlation kinds, by Sigma's names. */
#include <string.h>

#include "correlate/cell.h"

#define CORRELATION(name) extern const struct toc_corr_kind toc_corr_##name;
#include "correlate/kinds.def"
#undef CORRELATION

static const struct toc_corr_kind *const kinds[] = {
#define CORRELATION(name) &toc_corr_##name,
#include "correlate/kinds.def"
#undef CORRELATION
	NULL
};

static const char *const names[] = {
#define CORRELATION(name) #name,
#include "correlate/kinds.def"
#undef CORRELATION
	NULL
};

const struct toc_corr_kind *toc_corr_kind_find(const char *name)
{
	for (const struct toc_corr_kind *const *k = kinds; *k; k++)
		if (strcmp((*k)->name, name) == 0)
			return *k;
	return NULL;
}

const char *const *toc_corr_kind_names(void)
{
	return names;
}

bool toc_corr_kind_needs_field(const struct toc_corr_kind *kind)
{
	return kind->needs_field;
}

bool toc_corr_kind_is_temporal(const struct toc_corr_kind *kind)
{
	return kind->by_rule;
}
