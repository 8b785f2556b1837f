/* plain - rows and JSON. */
#include "cli/plain.h"

#include <inttypes.h>
#include <string.h>

#include "cli/exempt.h"
#include "cli/safe.h"

static const char *const work_marks[] = {
	[CLI_NO_WORK] = "", [CLI_WORK] = "(work) ", [CLI_WORK_OVER] = "(work over) "
};

const char cli_row_head[] = "SV STATE   AGE EVENTS WHO      WHAT";

void cli_row(const struct cli_alert *a, unsigned times, int64_t now_ms, unsigned columns, char out[CLI_LINE])
{
	char age[16], events[32], number[16], who[64], what[CLI_LINE], text[1024];
	cli_age(now_ms - a->last, age);
	snprintf(events, sizeof(events), "%" PRIu64, a->count);
	cli_safe(toc_span_str(a->now.assignee ? a->now.assignee : "-"), 8, who, sizeof(who));
	snprintf(number, sizeof(number), "%ux ", times);
	snprintf(text, sizeof(text), "%s%s%s  %s", times > 1 ? number : "", work_marks[a->work], a->title, a->key);
	cli_safe(toc_span_str(text), columns > 36 ? columns - 36 : 1, what, sizeof(what));
	snprintf(out, CLI_LINE, "%u%c %-6.6s %4.5s %6.6s %-8.40s %.250s", a->severity % 10, a->act == 'x' ? ' ' : '>',
		 cli_state_word(a), age, events, who, what);
}

/* The document as it came, but for controls, which JSON has no need of. */
static void put_document(struct text *t, const char *json)
{
	size_t n = strlen(json);
	char *out = text_room(t, n);
	for (size_t i = 0; i < n; i++) {
		uint8_t c = (uint8_t)json[i];
		bool c1 = i && (c >= 0x80 && c < 0xa0) && (uint8_t)json[i - 1] == 0xc2;
		if (c1)
			out[i - 1] = '?';
		out[i] = c < 0x20 || c == 0x7f || c1 ? '?' : json[i];
	}
	t->n += n;
}

void cli_event_json(struct text *t, const struct cli_event *e)
{
	text_puts(t, "{");
	json_puts(t, "id", e->id);
	json_number(t, "time", e->ms);
	json_puts(t, "person", e->person);
	json_puts(t, "do", cli_deed_names[e->deed]);
	json_puts(t, "verdict", e->verdict);
	json_puts(t, "to", e->to);
	json_puts(t, "note", e->note);
	if (e->deed == CLI_EXEMPT)
		json_number(t, "days", e->days);
	text_puts(t, e->conflict ? ",\"conflict\":true}" : ",\"conflict\":false}");
}

void cli_json(const struct cli_alert *a, FILE *out)
{
	struct text t = { 0 };
	const struct cli_standing *s = &a->now;
	text_puts(&t, "{\"alert\":");
	put_document(&t, a->json);
	json_puts(&t, "route", a->route);
	json_name(&t, "standing");
	text_printf(&t, "{\"acknowledged\":%s,\"closed\":%s,\"escalated\":%s,\"conflicts\":%u",
		    s->acked ? "true" : "false", s->closed ? "true" : "false", s->escalated ? "true" : "false",
		    a->conflicts);
	json_puts(&t, "by", s->by);
	json_puts(&t, "assignee", s->assignee);
	json_puts(&t, "verdict", s->verdict);
	json_puts(&t, "to", s->to);
	if (s->exempt)
		json_number(&t, "exempt_until", (uint64_t)cli_exempt_until(s->exempt));
	json_puts(&t, "head", a->head);
	text_puts(&t, "}");
	json_name(&t, "history");
	text_puts(&t, "[");
	for (unsigned i = 0; i < a->nevents; i++) {
		text_puts(&t, i ? "," : "");
		cli_event_json(&t, a->events[i]);
	}
	text_puts(&t, "]}\n");
	fwrite(t.p, 1, t.n, out);
	text_free(&t);
}
