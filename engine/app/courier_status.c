/* courier_status - how delivery stands, as JSON. */
#include <inttypes.h>
#include <stdio.h>

#include "alert/text.h"
#include "app/courier.h"

size_t toc_courier_status_json(const struct toc_courier_status *s, char *out, size_t room)
{
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = { { "redis_away_s", (uint64_t)(s->away / TOC_SEC) },
		     { "redis_connects", s->redis.connects },
		     { "redis_errors", s->redis.errors },
		     { "redis_sent", s->redis.sent },
		     { "redis_confirmed", s->redis.confirmed },
		     { "redis_resent", s->redis.resent },
		     { "redis_unreplicated", s->redis.unreplicated },
		     { "journal_appended", s->journal.appended },
		     { "journal_bytes", s->journal.bytes },
		     { "journal_segments", s->journal.segments },
		     { "journal_refused", s->journal.refused },
		     { "journal_bad_records", s->journal.bad_records },
		     { "engine_waits", s->journal.waits },
		     { "journal_waiting_bytes", s->waiting },
		     { "alerts_in_memory", s->in_memory },
		     { "alerts_lost", s->lost } };
	struct text t = { 0 };
	const char *trouble = s->trouble[0] ? s->trouble : "";
	text_puts(&t, "{"); /* names begin with a comma but behind this */
	json_put(&t, "redis_trouble", toc_span_str(trouble));
	json_put(&t, "durability", toc_span_str("journal"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_number(&t, rows[i].name, rows[i].value);
	int n = snprintf(out, room, "%.*s", (int)(t.n - 1), t.p + 1);
	text_free(&t);
	return n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
}
