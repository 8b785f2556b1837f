/* fill - reading values by declared type. */
#include "normalise/fill.h"

#include "base/typed.h"

void fill_field(struct toc_draft *d, const struct toc_normalisers *n, unsigned field, struct toc_span text)
{
	if (!toc_put_typed(d, field, n->fields[field].type, text))
		toc_put_str(d, field, text);
}
