/* precision - alerts sorted by their rules, then counted. */
#include "cli/precision.h"

#include <stdlib.h>
#include <string.h>

#include "alert/text.h"
#include "cli/safe.h"

enum verdict { JUDGED_TRUE, JUDGED_FALSE, JUDGED_BENIGN };

const char cli_precision_head[] = "ALERTS TRUE FALSE BENIGN UNKNOWN RIGHT RULE";

static int by_rule(const void *a, const void *b)
{
	const struct cli_alert *const *x = a, *const *y = b;
	return strcmp((*x)->rule, (*y)->rule);
}

static unsigned wrong(const struct cli_precision *p)
{
	return p->judged[JUDGED_FALSE] + p->judged[JUDGED_BENIGN];
}

static int most_wrong_first(const void *a, const void *b)
{
	const struct cli_precision *x = a, *y = b;
	if (wrong(x) != wrong(y))
		return wrong(x) < wrong(y) ? 1 : -1;
	if (x->alerts != y->alerts)
		return x->alerts < y->alerts ? 1 : -1;
	return strcmp(x->rule, y->rule);
}

static void count(struct cli_precision *p, const struct cli_alert *a)
{
	p->alerts++;
	for (unsigned v = 0; a->now.verdict && v < CLI_VERDICTS; v++)
		p->judged[v] += strcmp(a->now.verdict, cli_verdicts[v]) == 0;
}

struct cli_precision *cli_precision_of(struct cli_alert *const *alerts, unsigned n, unsigned *rules)
{
	const struct cli_alert **sorted = malloc((n + 1) * sizeof(*sorted));
	struct cli_precision *out = calloc(n + 1, sizeof(*out));
	if (!sorted || !out)
		abort();
	for (unsigned i = 0; i < n; i++)
		sorted[i] = alerts[i];
	qsort(sorted, n, sizeof(*sorted), by_rule);
	*rules = 0;
	for (unsigned i = 0; i < n; i++) {
		if (!*rules || strcmp(out[*rules - 1].rule, sorted[i]->rule) != 0)
			out[(*rules)++] = (struct cli_precision){ .rule = sorted[i]->rule, .title = sorted[i]->title };
		count(&out[*rules - 1], sorted[i]);
	}
	qsort(out, *rules, sizeof(*out), most_wrong_first);
	free(sorted);
	return out;
}

int cli_precision_percent(const struct cli_precision *p)
{
	unsigned judged = p->judged[JUDGED_TRUE] + wrong(p);
	return judged ? (int)(100 * (uint64_t)p->judged[JUDGED_TRUE] / judged) : -1;
}

void cli_precision_row(const struct cli_precision *p, char out[CLI_LINE])
{
	char rule[121], title[121], right[16] = "-"; /* together they fit a line, whatever their characters */
	int percent = cli_precision_percent(p);
	if (percent >= 0)
		snprintf(right, sizeof(right), "%d%%", percent);
	cli_safe(toc_span_str(p->rule), 40, rule, sizeof(rule));
	cli_safe(toc_span_str(p->title), 70, title, sizeof(title));
	snprintf(out, CLI_LINE, "%6u %4u %5u %6u %7u %5s %s  %s", p->alerts, p->judged[0], p->judged[1], p->judged[2],
		 p->judged[3], right, rule, title);
}

void cli_precision_json(const struct cli_precision *p, FILE *out)
{
	struct text t = { 0 };
	text_puts(&t, "{");
	json_puts(&t, "rule", p->rule);
	json_puts(&t, "title", p->title);
	json_number(&t, "alerts", p->alerts);
	for (unsigned v = 0; v < CLI_VERDICTS; v++)
		json_number(&t, cli_verdicts[v], p->judged[v]);
	if (cli_precision_percent(p) >= 0)
		json_number(&t, "precision", (uint64_t)cli_precision_percent(p));
	text_puts(&t, "}\n");
	fwrite(t.p, 1, t.n, out);
	text_free(&t);
}
