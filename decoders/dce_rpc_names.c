/* dce_rpc_names - looking up interfaces and operations. */
#include "decoders/dce_rpc.h"

const struct dce_interface *dce_interface_find(const char uuid[DCE_UUID])
{
	static const struct dce_interface *const tables[] = { dce_directory, dce_system, dce_print, dce_dcom };
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct dce_interface *i = tables[t]; i->uuid; i++)
			if (memcmp(i->uuid, uuid, DCE_UUID) == 0)
				return i;
	return NULL;
}

struct toc_span dce_operation(const struct dce_interface *i, uint16_t number)
{
	struct toc_span rest = toc_span_str(i->operations);
	for (; number && rest.n; number--)
		rest = toc_span_from(rest, toc_span_find(rest, ' ') + 1);
	struct toc_span name = toc_span_first(rest, toc_span_find(rest, ' '));
	return toc_span_is(name, "-") ? toc_span_first(name, 0) : name;
}
