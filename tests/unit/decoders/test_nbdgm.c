/* nbdgm: names, mailslots, announcements of hosts; what is no first fragment. */
#include "test.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_nbdgm;

/* "PC1" and "WORKGROUP", encoded as RFC 1001, section 14.1 has it */
#define PC    "20 'FAEDDBCACACACACACACACACACACACAAA' 00 "
#define GROUP "20 'FHEPFCELEHFCEPFFFACACACACACACABO' 00 "
#define HEAD  "11 02 0001 0a000005 008a "
/* SMB_COM_TRANSACTION to \MAILSLOT\BROWSE, data at 86 */
#define SMB                                                                                                            \
	"ff 'SMB' 25 00*27 11 0000 2100 00*8 00*4 0000 0000 0000 2100 5600 03 00 0100 0000 0200 3200"             \
	" '\\MAILSLOT\\BROWSE' 00 "
#define ANNOUNCEMENT "01 00 80fc0a00 'PC1' 00*13 0a 00 03100000 0f01 55aa 00"

static void a_host_announces_itself(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_nbdgm, TOC_OVER_UDP, 138);
	hex_feed(t, TOC_ORIG, HEAD "00bb 0000 " PC GROUP SMB ANNOUNCEMENT);
	assert_field(t, 0, "type", "\"group\"");
	assert_field(t, 0, "source_name", "\"PC1\"");
	assert_field(t, 0, "dest_name", "\"WORKGROUP\"");
	assert_field(t, 0, "source_addr", "\"10.0.0.5\"");
	assert_field(t, 0, "mailslot", "\"\\\\MAILSLOT\\\\BROWSE\"");
	assert_field(t, 0, "browser_command", "\"host_announcement\"");
	assert_field(t, 0, "host_name", "\"PC1\"");
	assert_field(t, 0, "os_version", "\"10.0\"");
	assert_true(hex_confirmed(t, "netbios"));
	assert_true(hex_confirmed(t, "smb"));
	trial_free(t);
}

static void other_datagrams_tell_their_names(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_nbdgm, TOC_OVER_UDP, 138);
	hex_feed(t, TOC_ORIG, HEAD "0048 0000 " PC GROUP "'text'");
	assert_int_equal(trial_events(t), 1);
	assert_null(trial_value(t, 0, "mailslot"));
	assert_false(hex_confirmed(t, "smb"));
	hex_feed(t, TOC_ORIG, HEAD "0048 0001 " PC GROUP "'text'"); /* a later fragment */
	hex_feed(t, TOC_ORIG, HEAD "0148 0000 " PC GROUP "'text'"); /* cut short */
	hex_feed(t, TOC_ORIG, "13 00 0001 0a000005 008a 82");	    /* an error */
	hex_feed(t, TOC_ORIG, HEAD "0010 0000 20 'FADB' c000 00*9");
	assert_int_equal(trial_events(t), 1);
	assert_int_equal(hex_probe(&toc_decoder_nbdgm, TOC_ORIG, false, HEAD "0048 0000 " PC GROUP "'text'"), TOC_NO);
	trial_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_announces_itself),
		cmocka_unit_test(other_datagrams_tell_their_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
