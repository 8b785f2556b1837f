/* presence: signatures of both sides, what is told by one, what is refused; streams cut anywhere. */
#include "test.h"

#include "decoders/presence.h"

#include "by_hand.h"

extern const struct toc_decoder toc_decoder_presence, toc_decoder_presence_udp;

static const struct {
	const char *service, *say, *answer;
	bool server_first;
} streams[] = {
	{ "tinc", "'0 alpha 17.7' 0a", "'0 beta 17' 0a", false },
	{ "pptp", "009c 0001 1a2b3c4d 0001 0000 00*20", "009c 0001 1a2b3c4d 0002 00*20", false },
	{ "teamviewer", "1724 0a 20 00", "1130 36 00 18", false },
	{ "gnutella", "'GNUTELLA CONNECT/0.6' 0d0a", NULL, false },
	{ "edonkey", "e3 55000000 01 10 aa*16", "c5 60000000 01", false },
	{ "stratum", "'{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}' 0a", NULL, false },
	{ "stratum", "'{\"method\":\"login\",\"params\":{\"login\":\"x\",\"pass\":\"x\",\"agent\":\"y\"}}' 0a", NULL,
	  false },
	{ "bitcoin", "f9beb4d9 'version' 00*5 65000000 00*4", NULL, false },
	{ "mssql", "12 01 002f 00*4 00 001a 0006 01 0020 0001 ff", "04 01 002b", false },
	{ "bgp", "ff*16 001d 01 04", NULL, false },
	{ "s7comm", "03 00 0016 11 e0 0000 0001 00 c0 01 0a c1 02 0100 c2 02 0102", "03 00 0016 11 d0", false },
	{ "iec104", "68 04 07 00 00 00", "68 04 0b 00 00 00", false },
	{ "nats", "'INFO {\"server_id\":\"x\"}'", "'CONNECT {}'", true },
	{ "rsync", "'@RSYNCD: 31.0' 0a", "'@RSYNCD: 31.0' 0a", true },
	{ "sstp", "'SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1' 0d0a", NULL, false },
	{ "radmin", "01000000 01000000 0808", "01000000 2500", false },
	{ "nomachine", "'NXSH-6.0.0' 0a", "'NXD-6.0.0' 0a", false },
	{ "shell_prompt", "'bash: no job control in this shell' 0a", NULL, false },
	{ "shell_prompt", "'Microsoft Windows [Version 10.0.19045.1]' 0d0a", NULL, false },
	{ "direct_connect", "'$Lock EXTENDEDPROTOCOL_hub Pk=x|'", NULL, true },
	{ "syncthing_relay", "9e79bc40 000000 01 00000000", "9e79bc40 00000003 00000000", false },
	{ "memcached", "'stats' 0d0a", "'STAT pid 7' 0d0a", false },
	{ "amqp", "'AMQP' 00000901", NULL, false },
	{ "stomp", "'CONNECT' 0a 'accept-version:1.2' 0a", "'CONNECTED' 0a", false },
	{ "zabbix", "'ZBXD' 01 0d00000000000000", "'ZBXD' 01 0d00000000000000", false },
	{ "ceph", "'ceph v027' 00*20", "'ceph v027' 00*20", true },
	{ "git", "'0033git-upload-pack /project.git' 00", NULL, false },
	{ "svn", "'( success ( 2 2 ( ) ( edit-pipeline ) ) ) '", "'( 2 ( edit-pipeline ) 9:svn://a/b ) '", true },
	{ "afp", "00 03 0001 00000000 00000000 00000000", "01 03 0001 00000000 00000040 00000000", false },
	{ "rtmp", "03 00000000 00000000 aa*1528", "03 00000000 00000000 bb*1528", false },
	{ "distcc", "'DIST00000001ARGC00000002'", NULL, false },
	{ "diameter", "01 000014 80 000101 00000000 aa*8", "01 000014 00 000101 00000000 aa*8", false },
	{ "openflow", "04 00 0008 00000001", "04 00 0008 00000002", false },
	{ "enip", "6500 0400 00000000 00000000 00*8 00000000 0100 0000",
	  "6500 0400 07000000 00000000 00*8 00000000 0100 0000", false },
	{ "opcua", "'HELF' 20000000 00*24", "'ACKF' 1c000000 00*20", false },
	{ "hislip", "'HS' 0000 01001234 00*8", "'HS' 0101 01000001 00*8", false },
	{ "teamspeak", "'TS3' 0a0d 'Welcome to the TeamSpeak 3 ServerQuery interface'", NULL, true },
	{ "mongodb", "30000000 01000000 00000000 dd070000 00000000 00 1b000000 aa*23",
	  "30000000 02000000 01000000 dd070000 00*32", false },
	{ "oracle", "003a 0000 01 00 0000 013a 012c 00*46", "0020 0000 02 00 0000 00*24", false },
	{ "soulseek", "48000000 01000000 06000000 'pupil1' 06000000 'secret' aa*48", "29000000 01000000 01 00*36",
	  false },
	{ "skinny", "18000000 00000000 01000000 aa*20", "10000000 00000000 81000000 aa*12", false },
};

static void streams_of_many_protocols(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
		enum toc_dir first = streams[i].server_first ? TOC_RESP : TOC_ORIG;
		struct hex say = hex_of(streams[i].say), answer = hex_of(streams[i].answer ? streams[i].answer : "");
		struct trial_step steps[] = { { first, say.b, say.n }, { (enum toc_dir) !first, answer.b, answer.n } };
		size_t n = streams[i].answer ? 2 : 1;
		if (hex_probe(&toc_decoder_presence, first, false, streams[i].say) != TOC_YES)
			fail_msg("%s is not known", streams[i].service);
		assert_true(trial_same_however_cut(&toc_decoder_presence, 7, steps, n, 10));
		struct trial *t = trial_new(&toc_decoder_presence, TOC_OVER_TCP, 7);
		trial_feed(t, &steps[0]);
		if (hex_confirmed(t, streams[i].service) != (n == 1))
			fail_msg("%s: one side says %s", streams[i].service, n == 1 ? "nothing" : "all");
		if (n == 2)
			trial_feed(t, &steps[1]);
		if (!hex_confirmed(t, streams[i].service))
			fail_msg("%s: the answer does not decide", streams[i].service);
		trial_free(t);
	}
}

static const struct {
	const char *service, *say, *answer;
} datagrams[] = {
	{ "l2tp", "c802 0014 0000 0000 0000 0000 8008 0000 0000 0001", "c802 000c 0001 0000 0000 0001" },
	{ "softether", "41", "'IP=10.0.0.1,PORT=5000'" },
	{ "syncthing", "2ea7d90b 0a 20 aa*32", NULL },
	{ "edonkey", "e4 21 02 aa*32", "e4 29 aa*20" },
	{ "rustdesk", "32 0d 0a 09 '123456789' 10 01", "3a 02 10 01" },
	{ "ssdp", "'M-SEARCH * HTTP/1.1' 0d0a", NULL },
	{ "ssdp", "'HTTP/1.1 200 OK' 0d0a 'ST: upnp:rootdevice' 0d0a", NULL },
	{ "ws-discovery",
	  "'<?xml version=' 22 '1.0' 22 '?><s:Envelope xmlns:s=' 22 'http://www.w3.org/2003/05/soap-envelope' 22",
	  NULL },
	{ "bacnet", "81 0b 000c 01 20 ffff 00 ff 10 08", NULL },
	{ "dce_rpc", "04 00 20 00 000000 00 00*16 dea000016c9711d1827100a02442df7d 00*34 0004 00*4 'body'", NULL },
	{ "coap", "40 01 1234 b4 'temp'", "60 45 1234 ff '22'" },
	{ "raknet", "01 00*8 00ffff00fefefefefdfdfdfd12345678 00*8", NULL },
	{ "source_engine", "ff*4 54 'Source Engine Query' 00", NULL },
	{ "rdp", "ffffffff 0040 0001 00*1216", "00000001 0040 0005 00*1216" },
	{ "nat_pmp", "0000", "0080 0000 00000001 0a010203" },
	{ "pcp", "0201 0000 00001c20 00*16 00*36", "0281 0000 00001c20 00*52" },
	{ "slp", "0201 000020 0000 000000 0007 0002 'en' 00*16", "0202 000020 0000 000000 0007 0002 'en' 00*16" },
	{ "bjnp", "'BJNP' 02 01 0000 0001 0000 00000000", NULL },
	{ "xdmcp", "0001 0002 0001 00", "0001 0005 0004 0000" },
	{ "netflow", "0005 0001 00*20 aa*48", NULL },
	{ "netflow", "000a 0018 00000000 00000001 00000000 0002 0008 00000000", NULL },
	{ "sflow", "00000005 00000001 0a010203 00000000 00000001 00000001 00000001", NULL },
	{ "bfd", "20 c0 03 18 00*20", "20 c0 03 18 00*20" },
	{ "knx", "06 10 0201 000e 08 01 0a010203 0e57", NULL },
	{ "enip", "6300 0000 00000000 00000000 00*8 00000000", "6300 0000 00000000 00000000 00*8 00000000" },
	{ "teamspeak", "'TS3INIT1' 0065 0000 88 00*5", "'TS3INIT1' 0065 88 00*5" },
	{ "discord", "0001 0046 00000001 00*66", "0002 0046 00000001 00*66" },
	{ "steam", "'VS01' 00*32", "'VS01' 00*32" },
	{ "quake", "ff*4 'getstatus' 0a", "ff*4 'statusResponse' 0a" },
};

static void datagrams_of_many_protocols(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(datagrams) / sizeof(datagrams[0]); i++) {
		struct trial *t = trial_new(&toc_decoder_presence_udp, TOC_OVER_UDP, 7);
		if (hex_probe(&toc_decoder_presence_udp, TOC_ORIG, false, datagrams[i].say) != TOC_YES)
			fail_msg("%s is not known", datagrams[i].service);
		hex_feed(t, TOC_ORIG, datagrams[i].say);
		if (hex_confirmed(t, datagrams[i].service) == (datagrams[i].answer != NULL))
			fail_msg("%s: one side says %s", datagrams[i].service, datagrams[i].answer ? "all" : "nothing");
		if (datagrams[i].answer)
			hex_feed(t, TOC_RESP, datagrams[i].answer);
		if (!hex_confirmed(t, datagrams[i].service))
			fail_msg("%s: the answer does not decide", datagrams[i].service);
		trial_free(t);
	}
}

static bool tested(const char *service)
{
	static const char *const elsewhere[] = { "dnscrypt", "gnutella", "teamviewer", "xmpp" };
	bool is = false;
	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
		is = is || strcmp(streams[i].service, service) == 0;
	for (size_t i = 0; i < sizeof(datagrams) / sizeof(datagrams[0]); i++)
		is = is || strcmp(datagrams[i].service, service) == 0;
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		is = is || strcmp(elsewhere[i], service) == 0;
	return is;
}

/* A protocol that is in the tables of signatures and in none of these fails. */
static void every_service_is_tested(void **state)
{
	(void)state;
	const struct presence *tables[] = { presence_tcp_signatures, presence_udp_signatures };
	unsigned missing = 0;
	for (size_t i = 0; i < 2; i++)
		for (const struct presence *p = tables[i]; p->service; p++)
			if (!tested(p->service)) {
				print_error("%s is named and not tested\n", p->service);
				missing++;
			}
	assert_int_equal(missing, 0);
}

/* A client of DNSCrypt says nothing that can be known: the flow stays open for others, and the answer decides. */
static void an_answer_may_decide_alone(void **state)
{
	(void)state;
	const struct toc_decoder *d = &toc_decoder_presence_udp;
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "aa*324"), TOC_MAYBE);
	assert_int_equal(hex_probe(d, TOC_ORIG, false, "aa*100"), TOC_NO);
	assert_int_equal(hex_probe(d, TOC_RESP, false, "'r6fnvWj8' bb*64"), TOC_YES);
	assert_int_equal(hex_probe(d, TOC_RESP, false, "bb*324"), TOC_NO);
	struct trial *t = trial_new(d, TOC_OVER_UDP, 7);
	hex_feed(t, TOC_RESP, "'r6fnvWj8' bb*64");
	assert_true(hex_confirmed(t, "dnscrypt"));
	trial_free(t);
}

static void one_side_alone_names_nothing(void **state)
{
	(void)state;
	struct trial *t = trial_new(&toc_decoder_presence, TOC_OVER_TCP, 7);
	hex_feed(t, TOC_ORIG, "'0 alpha 17.7' 0a");
	hex_feed(t, TOC_ORIG, "'more'");
	hex_feed(t, TOC_RESP, "'HTTP/1.0 400'");
	assert_false(hex_confirmed(t, "tinc"));
	assert_non_null(strstr(trial_text(t), "{\"bad\""));
	trial_free(t);
}

static void near_misses_are_misses(void **state)
{
	(void)state;
	static const char *const no_stream[] = { "'0 alpha 18' 0a",
						 "'0  17' 0a",
						 "f9beb4d9 'nonsense' 00*4 00*8",
						 "'{\"method\":\"status\"}' 0a",
						 "009c 0001 1a2b3c4e 0001 0000",
						 "03 00 0016 11 e0 0000 0001 00 01 01 0a c1 02 0100" };
	static const char *const no_datagram[] = { "41 00",
						   "2ea7d90b 0a 21 aa*33",
						   "e4 21 05 aa*32",
						   "c802 0015 0000 0000 0000 0000 8008 0000 0000 0001",
						   "81 0b 000d 01 20 ffff 00 ff 10 08",
						   "'<?xml version=1.0?><list><Envelope/></list>' 20*40",
						   "40 01 1234 04 'temp'" };
	for (size_t i = 0; i < sizeof(no_stream) / sizeof(no_stream[0]); i++)
		assert_int_equal(hex_probe(&toc_decoder_presence, TOC_ORIG, false, no_stream[i]), TOC_NO);
	for (size_t i = 0; i < sizeof(no_datagram) / sizeof(no_datagram[0]); i++)
		assert_int_equal(hex_probe(&toc_decoder_presence_udp, TOC_ORIG, false, no_datagram[i]), TOC_NO);
}

/* The tables themselves: no side is empty, masks are as long as what they mask, an index fits a byte. */
static void tables_are_sound(void **state)
{
	(void)state;
	const struct presence *const tables[] = { presence_tcp_signatures, presence_udp_signatures };
	for (unsigned k = 0; k < 2; k++) {
		unsigned n = 0;
		for (const struct presence *p = tables[k]; p->service; p++, n++) {
			assert_true(p->say.n || p->say.check);
			assert_true(k == 1 || !p->say.most);
			assert_true(!p->say.most || p->say.most >= p->say.least);
			assert_true(p->say.offset + p->say.n <= PRESENCE_LOOK);
		}
		assert_true(n < PRESENCE_MAX);
	}
}

/* One packet of RTP may be anything: who knows its bytes better is asked before it. */
static void asked_before_rtp(void **state)
{
	(void)state;
	static const char asked[] =
		"81 0a 0011 0104 0005 a9 0c 0c 02 3fffff 19 4b"; /* BACnet: which objects a device has */
	const struct toc_decoder *first = NULL;
	for (unsigned i = 0; toc_decoders[i] && !first; i++)
		if (toc_decoders[i]->carriers & TOC_OVER_UDP &&
		    hex_probe(toc_decoders[i], TOC_ORIG, false, asked) == TOC_YES)
			first = toc_decoders[i];
	assert_ptr_equal(first, &toc_decoder_presence_udp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_of_many_protocols),
		cmocka_unit_test(datagrams_of_many_protocols),
		cmocka_unit_test(every_service_is_tested),
		cmocka_unit_test(an_answer_may_decide_alone),
		cmocka_unit_test(one_side_alone_names_nothing),
		cmocka_unit_test(near_misses_are_misses),
		cmocka_unit_test(tables_are_sound),
		cmocka_unit_test(asked_before_rtp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
