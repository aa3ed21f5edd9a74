// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "sample_module.h"

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static char *source_of(const struct sample *s)
{
	char *export =
		s->exports ? kf_format("int %s(void) { return 1; }\n"
				       "static void *__ksymtab_%s __attribute__((used)) = %s;\n",
				       s->exports, s->exports, s->exports)
			   : kf_strdup("");
	char *import = s->imports ? kf_format("int %s(void);\nint init(void) { return %s(); }\n",
					      s->imports, s->imports)
				  : kf_strdup("int init(void) { return 0; }\n");
	char *source = kf_format("char info[] __attribute__((section(\".modinfo\"), used)) =\n"
				 "\t\"license=GPL\\0\" \"depends=%s\\0\" \"name=%s\\0\" \"%s\" "
				 "\"vermagic=%s SMP mod_unload \";\n"
				 "struct { long list[8]; int (*init)(void); } this_module\n"
				 "\t__attribute__((section(\".gnu.linkonce.this_module\"), used)) "
				 "= { .init = (void *)1 };\n"
				 "%s%sint (*entry)(void) = init;\n%s\n",
				 or_empty(s->depends), s->name, or_empty(s->info),
				 s->version ? s->version : SAMPLE_VERSION, export, import,
				 or_empty(s->code));

	free(export);
	free(import);
	return source;
}

bool sample_module(const char *file, const struct sample *sample)
{
	char *source = source_of(sample);
	bool good = scratch_compile(file, source, "-fno-common");

	free(source);
	if (!good)
		skip("no compiler that makes x86-64 objects");
	return good;
}
