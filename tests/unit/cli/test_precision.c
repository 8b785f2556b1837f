/* precision: what counts for a rule and against it. */
#include "test.h"

#include "cli/precision.h"

static struct cli_alert of(char *rule, const char *verdict)
{
	return (struct cli_alert){ .rule = rule, .title = rule, .now = { .verdict = verdict } };
}

static void the_most_wrong_rule_is_first(void **state)
{
	char noisy[] = "noisy", good[] = "good", quiet[] = "quiet";
	struct cli_alert a[] = { of(good, "true"),    of(noisy, "false"),   of(quiet, NULL), of(noisy, "true"),
				 of(noisy, "benign"), of(noisy, "unknown"), of(good, "true") };
	struct cli_alert *all[7];
	unsigned n;
	(void)state;
	for (unsigned i = 0; i < 7; i++)
		all[i] = &a[i];
	struct cli_precision *p = cli_precision_of(all, 7, &n);
	assert_int_equal(n, 3);
	assert_string_equal(p[0].rule, "noisy");
	assert_int_equal(p[0].alerts, 4);
	assert_int_equal(cli_precision_percent(&p[0]), 33); /* what is unknown counts for nobody */
	assert_string_equal(p[1].rule, "good");
	assert_int_equal(cli_precision_percent(&p[1]), 100);
	assert_int_equal(cli_precision_percent(&p[2]), -1);
	free(p);
}

static void rows_are_text_and_no_more(void **state)
{
	char rule[] = "r\033[31m", row[CLI_LINE];
	struct cli_alert a = of(rule, "true"), *all = &a;
	unsigned n;
	(void)state;
	struct cli_precision *p = cli_precision_of(&all, 1, &n);
	cli_precision_row(p, row);
	assert_null(strchr(row, '\033'));
	assert_non_null(strstr(row, "100%"));
	free(p);
	p = cli_precision_of(&all, 0, &n);
	assert_int_equal(n, 0);
	free(p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_wrong_rule_is_first),
		cmocka_unit_test(rows_are_text_and_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
