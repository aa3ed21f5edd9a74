// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module is a relocatable object file, and so is what `cc -c` writes. The sample below is
 * compiled as the kernel's modules are, its sections are put at scattered addresses as the loader
 * would, and marks in the code tell which addresses to ask for: a local label, which is where an
 * inlined function landed.
 */
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <string.h>
#include <unistd.h>
#include "../../harness/trace/symbols.h"
#include "suites.h"

#define SECTIONS_MAX 64

static const char sample[] =
	/*  1 */
	"#include \"sample.h\"\n"
	/*  2 */ "#define MARK(name) asm volatile(#name \": nop\" ::: \"memory\")\n"
	/*  3 */ "static inline __attribute__((always_inline)) void inner(void)\n"
	/*  4 */ "{\n"
	/*  5 */ "	MARK(mark_inner);\n"
	/*  6 */ "}\n"
	/*  7 */ "static inline __attribute__((always_inline)) void middle(void)\n"
	/*  8 */ "{\n"
	/*  9 */ "	MARK(mark_middle);\n"
	/* 10 */ "	inner();\n"
	/* 11 */ "}\n"
	/* 12 */ "__attribute__((noinline)) int outer(int a)\n"
	/* 13 */ "{\n"
	/* 14 */ "	MARK(mark_outer);\n"
	/* 15 */ "	middle();\n"
	/* 16 */ "	from_header();\n"
	/* 17 */ "	return a + 1;\n"
	/* 18 */ "}\n"
	/* 19 */ "__attribute__((section(\".init.text\"), used)) static int sample_init(void)\n"
	/* 20 */ "{\n"
	/* 21 */ "	MARK(mark_init);\n"
	/* 22 */ "	return outer(1);\n"
	/* 23 */ "}\n"
	/* 24 */ "int init_module(void) __attribute__((alias(\"sample_init\")));\n"
	/* 25 */ "asm(\".section .twin,\\\"ax\\\",@progbits,unique,1\\n\"\n"
	/* 26 */ "    \".globl first_twin\\n.type first_twin,@function\\n\"\n"
	/* 27 */ "    \"first_twin: nop\\nnop\\nmark_first: ret\\n.size "
	"first_twin,.-first_twin\\n\"\n"
	/* 28 */ "    \".section .twin,\\\"ax\\\",@progbits,unique,2\\n\"\n"
	/* 29 */ "    \"second_twin: nop\\nmark_second: ret\\n.type second_twin,@function\\n\"\n"
	/* 30 */ "    \".size second_twin,.-second_twin\\n.text\\n\");\n";

static const char sample_header[] =
	/* 1 */ "static inline __attribute__((always_inline)) void from_header(void)\n"
		/* 2 */ "{\n"
		/* 3 */ "	asm volatile(\"mark_header: nop\" ::: \"memory\");\n"
		/* 4 */ "}\n";

/* The file, and where its sections were put. */
static struct loaded {
	char path[8192];
	struct module_section sections[SECTIONS_MAX];
	uint64_t by_index[SECTIONS_MAX]; /* addresses by ELF section index */
	unsigned count;
	Elf *elf;
	int fd;
} loaded;

/* Every allocated section gets an address, later sections lower ones: nothing is where it was in
 * the file. */
static void place_sections(void)
{
	uint64_t addr = 0xffffffffc0800000;
	size_t strings, index;
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	loaded.count = 0;
	CU_ASSERT_EQUAL_FATAL(elf_getshdrstrndx(loaded.elf, &strings), 0);
	while ((scn = elf_nextscn(loaded.elf, scn)) && gelf_getshdr(scn, &header)) {
		index = elf_ndxscn(scn);
		if (!(header.sh_flags & SHF_ALLOC) || !header.sh_size || index >= SECTIONS_MAX)
			continue;
		addr -= 0x10000;
		loaded.by_index[index] = addr + 0x40 * index;
		loaded.sections[loaded.count++] = (struct module_section){
			.name = elf_strptr(loaded.elf, strings, header.sh_name),
			.addr = loaded.by_index[index],
			.size = header.sh_size,
		};
	}
}

static void load(const char *name)
{
	memset(&loaded, 0, sizeof(loaded));
	snprintf(loaded.path, sizeof(loaded.path), "%s/%s", scratch(), name);
	loaded.fd = open(loaded.path, O_RDONLY);
	CU_ASSERT_FATAL(loaded.fd >= 0);
	elf_version(EV_CURRENT);
	loaded.elf = dwelf_elf_begin(loaded.fd);
	CU_ASSERT_PTR_NOT_NULL_FATAL(loaded.elf);
	place_sections();
	CU_ASSERT_EQUAL(symbols_add_module("sample", loaded.path, loaded.sections, loaded.count),
			0);
}

static void unload(void)
{
	elf_end(loaded.elf);
	close(loaded.fd);
}

/* Address of a symbol in the loaded sample; 0 when there is none. */
static uint64_t address_of(const char *name)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;
	GElf_Sym sym;

	while ((scn = elf_nextscn(loaded.elf, scn)) && gelf_getshdr(scn, &header)) {
		Elf_Data *data = header.sh_type == SHT_SYMTAB ? elf_getdata(scn, NULL) : NULL;

		for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
			const char *s = elf_strptr(loaded.elf, header.sh_link, sym.st_name);

			if (s && !strcmp(s, name) && sym.st_shndx < SECTIONS_MAX)
				return loaded.by_index[sym.st_shndx] + sym.st_value;
		}
	}
	CU_FAIL_FATAL("the sample has no such symbol");
	return 0;
}

static void expect_frame(const struct frame *frame, const char *function, const char *file,
			 int line, bool inlined)
{
	CU_ASSERT_STRING_EQUAL(frame->function, function);
	CU_ASSERT_STRING_EQUAL(frame->module ? frame->module : "", "sample");
	CU_ASSERT_STRING_EQUAL(frame->file ? frame->file : "", file);
	CU_ASSERT_EQUAL(frame->line, line);
	CU_ASSERT_EQUAL(frame->inlined, inlined);
}

static bool compile(const char *options)
{
	char command[1024];

	scratch_write("sample.c", sample);
	scratch_write("sample.h", sample_header);
	snprintf(command, sizeof(command),
		 "\"$CC\" -O2 %s -fno-pie -fno-asynchronous-unwind-tables -mcmodel=kernel "
		 "-mno-red-zone -c \"$PWD/sample.c\" -o sample.ko",
		 options);
	return scratch_run(command);
}

/* Expect: the chain of inlined functions, each with the line in it. */
static void check_lines(void)
{
	struct frame frames[8];

	load("sample.ko");
	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_inner"), true, frames, 8), 3);
	expect_frame(&frames[0], "inner", "sample.c", 5, true);
	expect_frame(&frames[1], "middle", "sample.c", 10, true);
	expect_frame(&frames[2], "outer", "sample.c", 15, false);
	CU_ASSERT_EQUAL(frames[2].offset, address_of("mark_inner") - address_of("outer"));
	CU_ASSERT(frames[2].size > frames[2].offset);

	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_middle"), true, frames, 8), 2);
	expect_frame(&frames[0], "middle", "sample.c", 9, true);
	expect_frame(&frames[1], "outer", "sample.c", 15, false);

	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_outer"), true, frames, 8), 1);
	expect_frame(&frames[0], "outer", "sample.c", 14, false);

	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_header"), true, frames, 8), 2);
	expect_frame(&frames[0], "from_header", "sample.h", 3, true);
	expect_frame(&frames[1], "outer", "sample.c", 16, false);

	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_init"), true, frames, 8), 1);
	expect_frame(&frames[0], "sample_init", "sample.c", 21, false);
	unload();
}

static void test_lines(void)
{
	CU_ASSERT_FATAL(compile("-g"));
	check_lines();
}

static void test_formats(void)
{
	static const char *const formats[] = {"-gdwarf-4", "-gdwarf-5", "-g -gz=zlib",
					      "-g -ffunction-sections"};

	for (unsigned i = 0; i < 4; i++) {
		CU_ASSERT_FATAL(compile(formats[i]));
		check_lines();
	}
}

/* Expect: the function itself is always the last frame; before it what fits, innermost first. */
static void test_little_room(void)
{
	struct frame frames[2];

	CU_ASSERT_FATAL(compile("-g"));
	load("sample.ko");
	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_inner"), true, frames, 2), 2);
	expect_frame(&frames[0], "inner", "sample.c", 5, true);
	expect_frame(&frames[1], "outer", "sample.c", 15, false);
	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_inner"), true, frames, 1), 1);
	expect_frame(&frames[0], "outer", "sample.c", 15, false);
	CU_ASSERT(frames[0].size > 0);
	unload();
}

/* Expect: without sizes, as the kernel lists sections, code is found all the same, and what lies
 * between sections is nobody's. */
static void test_no_sizes(void)
{
	struct frame frames[8];
	uint64_t between = 0;

	CU_ASSERT_FATAL(compile("-g"));
	load("sample.ko");
	for (unsigned i = 0; i < loaded.count; i++) {
		between = loaded.sections[i].addr + loaded.sections[i].size + 0x100;
		loaded.sections[i].size = 0;
	}
	CU_ASSERT_EQUAL(symbols_add_module("sample", loaded.path, loaded.sections, loaded.count),
			0);
	CU_ASSERT_EQUAL(symbols_resolve(between, true, frames, 8), 1);
	CU_ASSERT_PTR_NULL(frames[0].module);
	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_header"), true, frames, 8), 2);
	expect_frame(&frames[1], "outer", "sample.c", 16, false);
	symbols_resolve(address_of("mark_init"), true, frames, 8);
	expect_frame(&frames[0], "sample_init", "sample.c", 21, false);
	symbols_resolve(address_of("mark_second"), true, frames, 8);
	CU_ASSERT_STRING_EQUAL(frames[0].function, "second_twin");
	unload();
}

/* Expect: the byte before a return address is what is looked up; the offset counts to the
 * address. */
static void test_return_address(void)
{
	struct frame frames[8];
	uint64_t behind;

	CU_ASSERT_FATAL(compile("-g"));
	load("sample.ko");
	behind = address_of("mark_inner") + 1; /* a nop is one byte */
	CU_ASSERT_EQUAL(symbols_resolve(behind, false, frames, 8), 3);
	expect_frame(&frames[0], "inner", "sample.c", 5, true);
	CU_ASSERT_EQUAL(frames[2].offset, behind - address_of("outer"));
	CU_ASSERT_EQUAL(frames[2].pc, behind);
	unload();
}

/* Expect: function and offset, and nothing invented, where there is no debug information. */
static void test_no_debug(void)
{
	struct frame frames[8];

	CU_ASSERT_FATAL(compile("-g0"));
	load("sample.ko");
	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_inner"), true, frames, 8), 1);
	expect_frame(&frames[0], "outer", "", 0, false);
	CU_ASSERT_EQUAL(frames[0].offset, address_of("mark_inner") - address_of("outer"));
	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_init"), true, frames, 8), 1);
	/* clang keeps only the alias */
	CU_ASSERT(!strcmp(frames[0].function, "sample_init") ||
		  !strcmp(frames[0].function, "init_module"));
	unload();
}

/* Expect: of two sections with one name, each has its own address. */
static void test_twins(void)
{
	struct frame frame;

	CU_ASSERT_FATAL(compile("-g"));
	load("sample.ko");
	symbols_resolve(address_of("mark_first"), true, &frame, 1);
	CU_ASSERT_STRING_EQUAL(frame.function, "first_twin");
	CU_ASSERT_EQUAL(frame.offset, 2);
	CU_ASSERT_EQUAL(frame.size, 3);
	symbols_resolve(address_of("mark_second"), true, &frame, 1);
	CU_ASSERT_STRING_EQUAL(frame.function, "second_twin");
	CU_ASSERT_EQUAL(frame.offset, 1);
	unload();
}

/* Expect: a section that was not loaded (or freed, as .init.text is) has no names, the others
 * do. */
static void test_missing_section(void)
{
	struct frame frames[8];
	unsigned kept = 0;

	CU_ASSERT_FATAL(compile("-g"));
	load("sample.ko");
	for (unsigned i = 0; i < loaded.count; i++)
		if (strcmp(loaded.sections[i].name, ".init.text") != 0)
			loaded.sections[kept++] = loaded.sections[i];
	CU_ASSERT_EQUAL(symbols_add_module("sample", loaded.path, loaded.sections, kept), 0);
	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_init"), true, frames, 8), 1);
	CU_ASSERT_STRING_EQUAL(frames[0].function, "");
	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_outer"), true, frames, 8), 1);
	expect_frame(&frames[0], "outer", "sample.c", 14, false);
	unload();
}

/* Expect: sources elsewhere keep the path they were recorded with. */
static void test_other_directory(void)
{
	struct frame frame;
	char path[8192];

	CU_ASSERT_FATAL(compile("-g"));
	CU_ASSERT_FATAL(scratch_run("mkdir -p installed && cp sample.ko installed/"));
	load("installed/sample.ko");
	snprintf(path, sizeof(path), "%s/sample.c", scratch());
	symbols_resolve(address_of("mark_outer"), true, &frame, 1);
	expect_frame(&frame, "outer", path, 14, false);
	unload();
}

/* Expect: a file that was built anew tells nothing of the code that was loaded. */
static void test_changed_file(void)
{
	struct frame frame;

	CU_ASSERT_FATAL(compile("-g"));
	load("sample.ko");
	CU_ASSERT(scratch_run("echo >>sample.ko"));
	CU_ASSERT_EQUAL(symbols_resolve(address_of("mark_outer"), true, &frame, 1), 1);
	expect_frame(&frame, "", "", 0, false);
	unload();
}

/* Expect: -1, and frames that carry at least the module. */
static void test_no_file(void)
{
	struct module_section section = {".text", 0x7000, 0x100};
	struct frame frame;

	CU_ASSERT_EQUAL(symbols_add_module("gone", "/nonexistent/gone.ko", &section, 1), -1);
	CU_ASSERT_EQUAL(symbols_resolve(0x7010, true, &frame, 1), 1);
	CU_ASSERT_STRING_EQUAL(frame.function, "");
	CU_ASSERT_STRING_EQUAL(frame.module, "gone");
	section.size = 0;
	CU_ASSERT_EQUAL(symbols_add_module("gone", "", &section, 1), -1);
	symbols_resolve(0x7010, true, &frame, 1);
	CU_ASSERT_STRING_EQUAL(frame.module, "gone");
	symbols_resolve(0x9010, true, &frame, 1);
	CU_ASSERT_PTR_NULL(frame.module);
}

/* Expect: a file that is no module at all does no harm. */
static void test_not_elf(void)
{
	const struct module_section section = {".text", 0x7000, 0x100};
	struct frame frame;
	char path[8192];

	scratch_write("text.ko", "this is not a module\n");
	snprintf(path, sizeof(path), "%s/text.ko", scratch());
	CU_ASSERT_EQUAL(symbols_add_module("gone", path, &section, 1), 0);
	CU_ASSERT_EQUAL(symbols_resolve(0x7010, true, &frame, 1), 1);
	CU_ASSERT_STRING_EQUAL(frame.function, "");
}

/* Expect: modules packed with xz, as some distributions ship them, are read like others. */
static void test_packed(void)
{
	struct frame frame;

	CU_ASSERT_FATAL(compile("-g"));
	if (!scratch_run("xz --version >/dev/null 2>&1 && xz -kf sample.ko")) {
		printf("(no xz here: left out) ");
		return;
	}
	load("sample.ko.xz");
	symbols_resolve(address_of("mark_outer"), true, &frame, 1);
	expect_frame(&frame, "outer", "sample.c", 14, false);
	unload();
}

CU_TestInfo module_tests[] = {
	{"lines and inlined functions", test_lines},
	{"forms of debug information", test_formats},
	{"fewer frames than inlined functions", test_little_room},
	{"return addresses", test_return_address},
	{"no debug information", test_no_debug},
	{"two sections of one name", test_twins},
	{"a section that was not loaded", test_missing_section},
	{"sources in another directory", test_other_directory},
	{"a file that was changed", test_changed_file},
	{"sections without sizes", test_no_sizes},
	{"no file", test_no_file},
	{"not an ELF file", test_not_elf},
	{"a packed module", test_packed},
	CU_TEST_INFO_NULL,
};
