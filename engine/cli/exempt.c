/* exempt - the effect of an exemption on what was told so far. */
#include "cli/exempt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alert/text.h"
#include "cli/plain.h"
#include "cli/safe.h"

static const int64_t DAY_MS = 86400000;

static bool covers(const struct cli_alert *of, const struct cli_alert *a)
{
	return a->group == of->group && strcmp(a->rule, of->rule) == 0 && strcmp(a->key, of->key) == 0;
}

void cli_effect_read(struct cli_board *b, const struct cli_alert *of, struct cli_effect *out)
{
	unsigned n;
	struct cli_alert *const *all = cli_board_alerts(b, &n);
	*out = (struct cli_effect){ .of = of, .at = calloc(n + 1, sizeof(*out->at)) };
	if (!out->at)
		abort(); /* a terminal's program has nothing to save */
	for (unsigned i = 0; i < n; i++) {
		if (!covers(of, all[i]))
			continue;
		out->at[out->n++] = all[i];
		out->events += all[i]->count;
		out->judged_true += all[i]->now.verdict && strcmp(all[i]->now.verdict, "true") == 0;
		out->first = out->n == 1 || all[i]->first < out->first ? all[i]->first : out->first;
		out->last = all[i]->last > out->last ? all[i]->last : out->last;
	}
}

void cli_effect_free(struct cli_effect *e)
{
	free(e->at);
	*e = (struct cli_effect){ 0 };
}

static void day_of(int64_t ms, char out[16])
{
	const time_t t = (time_t)(ms / 1000);
	struct tm tm;
	if (!gmtime_r(&t, &tm) || strftime(out, 16, "%Y-%m-%d", &tm) == 0)
		out[0] = '\0';
}

void cli_effect_lines(const struct cli_effect *e, unsigned days, int64_t now_ms, struct cli_lines *out)
{
	char key[512], until[16], first[16], last[16];
	cli_safe(toc_span_str(e->of->key), 200, key, sizeof(key));
	day_of(now_ms + days * DAY_MS, until);
	day_of(e->first, first);
	day_of(e->last, last);
	cli_putf(out, "Exempt", "rule %s (%s), key %s, until %s", e->of->rule, e->of->title, key, until);
	cli_putf(out, "Effect", "%u alert%s of %" PRIu64 " events, %s to %s, would not have been told", e->n,
		 e->n == 1 ? "" : "s", e->events, first, last);
	if (e->judged_true)
		cli_putf(out, "But", "%u of them %s judged true", e->judged_true, e->judged_true == 1 ? "was" : "were");
	cli_putf(out, "", "Nobody is told of such until then, on any route; rules that this one feeds see less, too.");
	snprintf(cli_lines_add(out), CLI_LINE, "%-8s %s", "ID", cli_row_head);
	for (unsigned i = 0; i < e->n; i++) {
		char row[CLI_LINE];
		cli_row(e->at[i], 1, now_ms, CLI_WIDTH - 9, row);
		snprintf(cli_lines_add(out), CLI_LINE, "%.8s %.300s", e->at[i]->id, row);
	}
}

void cli_effect_json(const struct cli_effect *e, unsigned days, int64_t now_ms, FILE *out)
{
	struct text t = { 0 };
	char until[16];
	day_of(now_ms + days * DAY_MS, until);
	text_puts(&t, "{");
	json_puts(&t, "rule", e->of->rule);
	json_puts(&t, "key", e->of->key);
	json_puts(&t, "until", until);
	json_number(&t, "alerts", e->n);
	json_number(&t, "events", e->events);
	json_number(&t, "judged_true", e->judged_true);
	json_name(&t, "ids");
	text_puts(&t, "[");
	for (unsigned i = 0; i < e->n; i++)
		text_printf(&t, "%s\"%s\"", i ? "," : "", e->at[i]->id);
	text_puts(&t, "]}\n");
	fwrite(t.p, 1, t.n, out);
	text_free(&t);
}

int64_t cli_exempt_until(const struct cli_event *e)
{
	const uint64_t far = UINT64_MAX / 4; /* who writes a stream may choose its ids */
	return (int64_t)(e->ms < far ? e->ms : far) + e->days * DAY_MS;
}

bool cli_exempt_may(const struct toc_people *people, const char *uid, char *err, size_t room)
{
	const struct toc_person *person = people ? toc_people_find(people, uid) : NULL;
	if (!people || (person && toc_person_approves(person, "exemptions")))
		return true;
	snprintf(err, room, "you make no exemptions: who does has `approves: [exemptions]` in the people's file");
	return false;
}
