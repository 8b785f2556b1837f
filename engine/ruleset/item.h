/* item - the modifiers of one detection item, as read. */
#ifndef RULESET_ITEM_H
#define RULESET_ITEM_H

#include "base/yaml.h"
#include "match/build.h"
#include "match/encode.h"

enum modifier {
	MOD_CONTAINS = 1 << 0,
	MOD_STARTSWITH = 1 << 1,
	MOD_ENDSWITH = 1 << 2,
	MOD_ALL = 1 << 3,
	MOD_CASED = 1 << 4,
	MOD_EXISTS = 1 << 5,
	MOD_NEQ = 1 << 6,
	MOD_RE = 1 << 7,
	MOD_I = 1 << 8,
	MOD_M = 1 << 9,
	MOD_S = 1 << 10,
	MOD_CIDR = 1 << 11,
	MOD_COMPARE = 1 << 12,
	MOD_FIELDREF = 1 << 13,
	MOD_EXPAND = 1 << 14,
	MOD_PART = 1 << 15,
	MOD_UTF16 = 1 << 16,
	MOD_BASE64 = 1 << 17,
	MOD_BASE64OFFSET = 1 << 18,
	MOD_WINDASH = 1 << 19,
	MOD_AFFIXES = MOD_CONTAINS | MOD_STARTSWITH | MOD_ENDSWITH,
	MOD_ENCODINGS = MOD_UTF16 | MOD_BASE64 | MOD_BASE64OFFSET | MOD_WINDASH,
	MOD_REWRITES = MOD_AFFIXES | MOD_ENCODINGS
};

enum { ITEM_STEPS = 8 };

struct item {
	const struct toc_yaml *key;
	bool keyword;	  /* no field */
	const char *name; /* of the field */
	struct toc_fieldset field;
	unsigned nsteps, steps[ITEM_STEPS]; /* modifiers that rewrite a string, in their order */
	unsigned mods;			    /* enum modifier bits */
	enum toc_compare compare;
	enum toc_time_part part;
	enum toc_utf16 utf16;
};

#endif
