/* scalar - what an unquoted YAML word is (YAML 1.1 core, as Sigma's own tools read it). */
#include <stdlib.h>
#include <string.h>

#include "ruleset/load.h"

static bool among(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/* Decimal, 0 octal, 0x hexadecimal; floats only with a dot (1e3 is a string). */
static bool read_number(const char *text, double *out)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;
	if (*digits < '0' || *digits > '9')
		return false;
	if (strchr(digits, '.')) {
		if (strspn(digits, "0123456789.eE+-") != strlen(digits))
			return false;
		*out = strtod(text, &end);
		return !*end;
	}
	*out = (double)strtoll(text, &end, digits[0] == '0' ? 0 : 10);
	return !*end;
}

struct scalar scalar_read(const struct toc_yaml *node)
{
	static const char *const yes[] = { "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", NULL };
	static const char *const no[] = { "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", NULL };
	struct scalar s = { .kind = SCALAR_STRING };
	const char *text = toc_yaml_str(node);
	if (toc_yaml_is_null(node)) {
		s.kind = SCALAR_NULL;
	} else if (text && node->plain) {
		if (read_number(text, &s.number))
			s.kind = SCALAR_NUMBER;
		else if (among(text, yes) || among(text, no))
			s = (struct scalar){ .kind = SCALAR_BOOL, .yes = among(text, yes) };
	}
	return s;
}
