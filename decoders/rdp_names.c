/* rdp_names - keyboard layouts (by language identifier, MS-LCID) and client builds by number. */
#include "decoders/rdp.h"

struct name {
	uint16_t number;
	const char *name;
};

static const struct name layouts[] = { { 0x0401, "Arabic - Saudi Arabia" },
				       { 0x0402, "Bulgarian" },
				       { 0x0403, "Catalan" },
				       { 0x0404, "Chinese - Taiwan" },
				       { 0x0405, "Czech" },
				       { 0x0406, "Danish" },
				       { 0x0407, "German - Germany" },
				       { 0x0408, "Greek" },
				       { 0x0409, "English - United States" },
				       { 0x040a, "Spanish - Spain (Traditional Sort)" },
				       { 0x040b, "Finnish" },
				       { 0x040c, "French - France" },
				       { 0x040d, "Hebrew" },
				       { 0x040e, "Hungarian" },
				       { 0x040f, "Icelandic" },
				       { 0x0410, "Italian - Italy" },
				       { 0x0411, "Japanese" },
				       { 0x0412, "Korean" },
				       { 0x0413, "Dutch - Netherlands" },
				       { 0x0414, "Norwegian (Bokmål)" },
				       { 0x0415, "Polish" },
				       { 0x0416, "Portuguese - Brazil" },
				       { 0x0417, "Rhaeto-Romanic" },
				       { 0x0418, "Romanian" },
				       { 0x0419, "Russian" },
				       { 0x041a, "Croatian" },
				       { 0x041b, "Slovak" },
				       { 0x041c, "Albanian - Albania" },
				       { 0x041d, "Swedish" },
				       { 0x041e, "Thai" },
				       { 0x041f, "Turkish" },
				       { 0x0420, "Urdu - Pakistan" },
				       { 0x0421, "Indonesian" },
				       { 0x0422, "Ukrainian" },
				       { 0x0423, "Belarusian" },
				       { 0x0424, "Slovenian" },
				       { 0x0425, "Estonian" },
				       { 0x0426, "Latvian" },
				       { 0x0427, "Lithuanian" },
				       { 0x0429, "Persian" },
				       { 0x042a, "Vietnamese" },
				       { 0x042b, "Armenian - Armenia" },
				       { 0x042d, "Basque" },
				       { 0x042f, "Macedonian" },
				       { 0x0436, "Afrikaans - South Africa" },
				       { 0x0437, "Georgian" },
				       { 0x0439, "Hindi" },
				       { 0x043e, "Malay - Malaysia" },
				       { 0x0804, "Chinese - People's Republic of China" },
				       { 0x0807, "German - Switzerland" },
				       { 0x0809, "English - United Kingdom" },
				       { 0x080a, "Spanish - Mexico" },
				       { 0x080c, "French - Belgium" },
				       { 0x0810, "Italian - Switzerland" },
				       { 0x0813, "Dutch - Belgium" },
				       { 0x0816, "Portuguese - Portugal" },
				       { 0x0c04, "Chinese - Hong Kong SAR" },
				       { 0x0c07, "German - Austria" },
				       { 0x0c09, "English - Australian" },
				       { 0x0c0a, "Spanish - Spain (Modern Sort)" },
				       { 0x0c0c, "French - Canada" },
				       { 0x1009, "English - Canada" },
				       { 0x100c, "French - Switzerland" },
				       { 0x1409, "English - New Zealand" },
				       { 0x1809, "English - Ireland" },
				       { 0x4009, "English - India" } };

static const struct name builds[] = { { 419, "RDP 4.0" },	  { 2195, "RDP 5.0" },	     { 2221, "RDP 5.0" },
				      { 2600, "RDP 5.1" },	  { 3790, "RDP 5.2" },	     { 6000, "RDP 6.0" },
				      { 6001, "RDP 6.1" },	  { 6002, "RDP 6.2" },	     { 7600, "RDP 7.0" },
				      { 7601, "RDP 7.1" },	  { 9200, "RDP 8.0" },	     { 9600, "RDP 8.1" },
				      { 25189, "RDP 8.0 (Mac)" }, { 25282, "RDP 8.0 (Mac)" } };

static const char *find(const struct name *names, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}

const char *rdp_keyboard_name(uint32_t layout)
{
	return find(layouts, sizeof(layouts) / sizeof(layouts[0]), layout);
}

const char *rdp_build_name(uint32_t build)
{
	return find(builds, sizeof(builds) / sizeof(builds[0]), build);
}
