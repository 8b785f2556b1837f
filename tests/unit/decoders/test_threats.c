/* docs/security.md names every decoder and says how much it keeps for a flow. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#include "tocsin/decoder.h"

enum { LINE = 1024, CELLS = 512 };

/* "| sip, rtsp | 432, 24 | …": the state that stands for name, -1 where it is in no row; one number is everybody's. */
static long told(const char *name)
{
	char line[LINE], names[CELLS], states[CELLS];
	long found = -1;
	FILE *f = fopen("docs/security.md", "r");
	assert_non_null(f);
	while (found < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "| %511[a-z0-9_, -] | %511[0-9, ] |", names, states) != 2)
			continue;
		const char *state = states;
		for (char *rest = names, *word; found < 0 && (word = strtok_r(rest, ", ", &rest)) != NULL;) {
			if (strcmp(word, name) == 0)
				found = strtol(state, NULL, 10);
			const char *comma = strchr(state, ',');
			state = comma ? comma + 1 : state;
		}
	}
	fclose(f);
	return found;
}

static void every_decoder_is_told_of(void **state)
{
	(void)state;
	unsigned wrong = 0;
	for (const struct toc_decoder *const *d = toc_decoders; *d; d++) {
		const long says = told((*d)->name);
		if (says == (long)(*d)->state_size)
			continue;
		print_error("%s keeps %zu bytes, docs/security.md says %ld\n", (*d)->name, (*d)->state_size, says);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_decoder_is_told_of) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
