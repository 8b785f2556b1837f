/* dce_rpc - interfaces by UUID, operations by number. */
#ifndef DECODERS_DCE_RPC_H
#define DECODERS_DCE_RPC_H

#include "tocsin/span.h"

struct dce_interface {
	const char *uuid, *name;
	const char *operations; /* names in order of their numbers, parted by spaces; - = no name */
};

/* Each ends with an entry of NULLs. */
extern const struct dce_interface dce_directory[], dce_system[], dce_print[], dce_dcom[];

enum { DCE_UUID = 36 };

/* uuid as text in lower case, without a zero. NULL: unknown. */
const struct dce_interface *dce_interface_find(const char uuid[DCE_UUID]);

/* Empty: no name. */
struct toc_span dce_operation(const struct dce_interface *i, uint16_t number);

#endif
