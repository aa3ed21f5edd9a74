// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building the made-up kernel.
 *
 *	0x0000	ELF header, two program headers
 *	0x1000	.text, 4 KiB
 *	0x2000	.rodata: banner, kallsyms
 *	  ...	.data..percpu (linked at 0), and for a vmlinux .rela.text, .symtab, .strtab
 *	  ...	section names, section headers
 *	  ...	relocation lists
 *
 * Symbols: 0 and 1 are per-CPU (offsets 0 and 64), the others are 16 bytes apart from FAKE_TEXT on.
 */
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "fake.h"

/* ---- a growing buffer ---- */

static size_t put(struct blob *b, const void *data, size_t size)
{
	size_t at = b->size;

	b->data = kf_array(b->data, b->size + size, 1);
	if (data)
		memcpy(b->data + at, data, size);
	else
		memset(b->data + at, 0, size);
	b->size += size;
	return at;
}

static size_t align(struct blob *b, size_t to)
{
	put(b, NULL, (to - b->size % to) % to);
	return b->size;
}

static void put8(struct blob *b, uint8_t v)
{
	put(b, &v, 1);
}

static void put16(struct blob *b, uint16_t v)
{
	put(b, &v, 2);
}

static void put32(struct blob *b, uint32_t v)
{
	put(b, &v, 4);
}

static void put64(struct blob *b, uint64_t v)
{
	put(b, &v, 8);
}

/* ---- symbols ---- */

uint64_t fake_symbol_address(const struct fake *fake, unsigned i)
{
	if (fake->plain_offsets)
		return FAKE_TEXT + 16 * i;
	return i < 2 ? 64 * i : FAKE_TEXT + 16 * (i - 2);
}

/* The type first; one long name needs a length of two bytes. */
void fake_symbol_name(unsigned i, char name[64])
{
	static const char types[] = "TtDdBbRr";

	if (i < 2)
		snprintf(name, 64, "Apercpu_%u", i);
	else if (i == 700)
		snprintf(name, 64, "tsym_%050u", i);
	else
		snprintf(name, 64, "%csym_%u", types[i % 8], i * 7);
}

/* Token 1 is "sym_", every printable character is itself, the rest is empty. */
static const char *token(unsigned i)
{
	static char one[2];

	if (i == 1)
		return "sym_";
	one[0] = i > ' ' && i < 0x7f ? (char)i : '\0';
	return one;
}

static void put_name(struct blob *b, unsigned i)
{
	char name[64], codes[64];
	const char *p = name;
	size_t n = 0;

	fake_symbol_name(i, name);
	while (*p) {
		bool whole = starts_with(p, "sym_") && i != 700;

		codes[n++] = whole ? 1 : *p;
		p += whole ? 4 : 1;
	}
	/* A length of two bytes where one would do is as good, and the only kind that tests can
	 * afford. */
	if (i == 700) {
		put8(b, (uint8_t)(n | 0x80));
		put8(b, (uint8_t)(n >> 7));
	} else {
		put8(b, (uint8_t)n);
	}
	put(b, codes, n);
}

static void put_offsets(struct blob *b, const struct fake *fake)
{
	unsigned i;

	align(b, 8);
	for (i = 0; i < FAKE_SYMBOLS; i++) {
		uint64_t a = fake_symbol_address(fake, i);

		if (fake->plain_offsets)
			put32(b, (uint32_t)(a - FAKE_TEXT));
		else
			put32(b, a < FAKE_TEXT ? (uint32_t)a : (uint32_t)(FAKE_TEXT - 1 - a));
	}
	align(b, 8);
	put64(b, FAKE_TEXT);
}

static void put_names(struct blob *b, const struct fake *fake)
{
	uint32_t markers[FAKE_SYMBOLS / 256 + 1];
	size_t names;
	unsigned i;

	align(b, 8);
	put64(b, FAKE_SYMBOLS);
	names = b->size;
	for (i = 0; i < FAKE_SYMBOLS; i++) {
		if (i % 256 == 0)
			markers[i / 256] = (uint32_t)(b->size - names);
		put_name(b, i);
	}
	align(b, 8);
	put(b, markers, sizeof(markers));
	align(b, 8);
	if (fake->layout == FAKE_6_2)
		put(b, NULL, 3 * FAKE_SYMBOLS);
}

static void put_tokens(struct blob *b)
{
	uint16_t index[256];
	size_t start;
	unsigned i;

	start = align(b, 8);
	for (i = 0; i < 256; i++) {
		index[i] = (uint16_t)(b->size - start);
		put(b, token(i), strlen(token(i)) + 1);
	}
	align(b, 8);
	for (i = 0; i < 256; i++)
		put16(b, index[i]);
}

static struct blob rodata(const struct fake *fake)
{
	/* The format with %s comes first, as in the kernel. */
	static const char banners[] =
		"Linux version %s (%s)\0Linux version " FAKE_VERSION " (me) #1\n";
	/* A decoy of the search for tokens. */
	static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
	struct blob b = {0};

	if (!fake->no_banner)
		put(&b, banners, sizeof(banners));
	put(&b, digits, sizeof(digits));
	align(&b, 8);
	if (fake->no_symbols)
		return b;
	if (fake->layout != FAKE_6_4)
		put_offsets(&b, fake);
	put_names(&b, fake);
	put_tokens(&b);
	if (fake->layout == FAKE_6_4) {
		put_offsets(&b, fake);
		put(&b, NULL, 3 * FAKE_SYMBOLS);
	}
	put64(&b, 0x1234567890abcdef);
	return b;
}

/* ---- relocations ---- */

static void put_list(struct blob *b, unsigned n, uint64_t start)
{
	unsigned i;

	put32(b, 0);
	for (i = 0; i < n; i++)
		put32(b, (uint32_t)(start + 8 * i));
}

static void put_lists(struct blob *b, const struct fake *fake)
{
	if (fake->no_relocs || fake->rela)
		return;
	put_list(b, FAKE_RELOC64, FAKE_TEXT + 0x100);
	if (!fake->two_lists)
		put_list(b, FAKE_RELOC_INVERSE32, FAKE_TEXT + 0x200);
	put_list(b, FAKE_RELOC32, FAKE_TEXT + 0x300);
}

enum { SYM_NULL, SYM_TEXT, SYM_PERCPU, SYM_LOAD, SYM_ABSOLUTE, SYM_INSIDE, SYM_UNDEF, SYM_COUNT };

static const char strings[] = "\0text\0counter\0__per_cpu_load\0vdso\0_end\0nobody";

static void put_symbol(struct blob *b, const char *name, unsigned section, uint64_t value)
{
	const char *s = name ? memmem(strings, sizeof(strings), name, strlen(name) + 1) : strings;
	Elf64_Sym sym = {.st_name = (uint32_t)(s - strings),
			 .st_shndx = (uint16_t)section,
			 .st_value = value};

	put(b, &sym, sizeof(sym));
}

static void put_rela(struct blob *b, uint64_t at, unsigned sym, unsigned type)
{
	Elf64_Rela rela = {.r_offset = at, .r_info = ELF64_R_INFO((uint64_t)sym, type)};

	put(b, &rela, sizeof(rela));
}

/* What counts, repeated as often as the lists have it, and one of each that does not. */
static void put_relas(struct blob *b)
{
	unsigned i;

	for (i = 0; i < FAKE_RELOC64; i++)
		put_rela(b, FAKE_TEXT + 0x100 + 8 * i, i % 2 ? SYM_TEXT : SYM_INSIDE, R_X86_64_64);
	for (i = 0; i < FAKE_RELOC_INVERSE32; i++)
		put_rela(b, FAKE_TEXT + 0x200 + 8 * i, SYM_PERCPU, R_X86_64_PC32);
	for (i = 0; i < FAKE_RELOC32; i++)
		put_rela(b, FAKE_TEXT + 0x300 + 8 * i, i % 2 ? SYM_TEXT : SYM_LOAD, R_X86_64_32S);
	put_rela(b, FAKE_TEXT + 0x400, SYM_TEXT, R_X86_64_PC32);
	put_rela(b, FAKE_TEXT + 0x400, SYM_LOAD, R_X86_64_PLT32);
	put_rela(b, FAKE_TEXT + 0x400, SYM_PERCPU, R_X86_64_32S);
	put_rela(b, FAKE_TEXT + 0x400, SYM_ABSOLUTE, R_X86_64_64);
	put_rela(b, FAKE_TEXT + 0x400, SYM_UNDEF, R_X86_64_64);
	put_rela(b, FAKE_TEXT + 0x400, SYM_TEXT, R_X86_64_NONE);
}

/* ---- the ELF file ---- */

enum {
	SEC_NULL,
	SEC_TEXT,
	SEC_RODATA,
	SEC_PERCPU,
	SEC_RELA,
	SEC_SYMTAB,
	SEC_STRTAB,
	SEC_NAMES,
	SEC_COUNT
};

static const char names[] =
	"\0.text\0.rodata\0.data..percpu\0.rela.text\0.symtab\0.strtab\0.shstrtab";

static Elf64_Shdr section(const char *name, unsigned type, uint64_t addr, size_t from, size_t to)
{
	return (Elf64_Shdr){
		.sh_name = (uint32_t)((char *)memmem(names, sizeof(names), name, strlen(name) + 1) -
				      names),
		.sh_type = type,
		.sh_flags = type == SHT_PROGBITS ? SHF_ALLOC : 0,
		.sh_addr = addr,
		.sh_offset = from,
		.sh_size = to - from,
		.sh_addralign = 8,
	};
}

static void put_vmlinux_parts(struct blob *b, Elf64_Shdr *s)
{
	size_t at = align(b, 8);

	put_relas(b);
	s[SEC_RELA] = section(".rela.text", SHT_RELA, 0, at, b->size);
	s[SEC_RELA].sh_link = SEC_SYMTAB;
	s[SEC_RELA].sh_info = SEC_TEXT;
	at = b->size;
	put_symbol(b, NULL, SHN_UNDEF, 0);
	put_symbol(b, "text", SEC_TEXT, FAKE_TEXT);
	put_symbol(b, "counter", SEC_PERCPU, 64);
	put_symbol(b, "__per_cpu_load", SEC_PERCPU, FAKE_RODATA);
	put_symbol(b, "vdso", SHN_ABS, 0x1000);
	put_symbol(b, "_end", SHN_ABS, FAKE_TEXT + 0x800);
	put_symbol(b, "nobody", SHN_UNDEF, 0);
	s[SEC_SYMTAB] = section(".symtab", SHT_SYMTAB, 0, at, b->size);
	s[SEC_SYMTAB].sh_link = SEC_STRTAB;
	at = put(b, strings, sizeof(strings));
	s[SEC_STRTAB] = section(".strtab", SHT_STRTAB, 0, at, b->size);
}

static Elf64_Phdr segment(uint64_t vaddr, size_t from, size_t to)
{
	return (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_vaddr = vaddr,
		.p_paddr = vaddr - FAKE_TEXT + 0x1000000,
		.p_offset = from,
		.p_filesz = to - from,
		.p_memsz = to - from + 64,
	};
}

struct blob fake_kernel(const struct fake *fake)
{
	Elf64_Ehdr header = {
		.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_phoff = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = SEC_COUNT,
		.e_shstrndx = SEC_NAMES,
	};
	Elf64_Shdr s[SEC_COUNT] = {0};
	struct blob b = {0}, ro = rodata(fake);
	Elf64_Phdr p[2];
	size_t at;

	put(&b, NULL, 0x2000);
	put(&b, ro.data, ro.size);
	s[SEC_TEXT] = section(".text", SHT_PROGBITS, FAKE_TEXT, 0x1000, 0x2000);
	s[SEC_RODATA] = section(".rodata", SHT_PROGBITS, FAKE_RODATA, 0x2000, b.size);
	p[0] = segment(FAKE_TEXT, 0x1000, 0x2000);
	p[1] = segment(FAKE_RODATA, 0x2000, b.size);
	at = put(&b, NULL, 128);
	s[SEC_PERCPU] = section(".data..percpu", SHT_PROGBITS, 0, at, b.size);
	if (fake->rela)
		put_vmlinux_parts(&b, s);
	at = put(&b, names, sizeof(names));
	s[SEC_NAMES] = section(".shstrtab", SHT_STRTAB, 0, at, b.size);
	header.e_shoff = align(&b, 8);
	put(&b, s, sizeof(s));
	put_lists(&b, fake);
	memcpy(b.data, &header, sizeof(header));
	memcpy(b.data + sizeof(header), p, sizeof(p));
	free(ro.data);
	return b;
}

/* ---- the boot image ---- */

static size_t gzip(const struct blob *plain, uint8_t *out, size_t max)
{
	z_stream s = {.next_in = plain->data,
		      .avail_in = (uInt)plain->size,
		      .next_out = out,
		      .avail_out = (uInt)max};
	size_t n;

	deflateInit2(&s, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
	deflate(&s, Z_FINISH);
	n = max - s.avail_out;
	deflateEnd(&s);
	return n;
}

static size_t lzma_alone(const struct blob *plain, uint8_t *out, size_t max)
{
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_options_lzma options;
	size_t n;

	lzma_lzma_preset(&options, 0);
	options.dict_size = 1 << 16;
	if (lzma_alone_encoder(&s, &options) != LZMA_OK)
		return 0;
	s.next_in = plain->data;
	s.avail_in = plain->size;
	s.next_out = out;
	s.avail_out = max;
	n = lzma_code(&s, LZMA_FINISH) == LZMA_STREAM_END ? max - s.avail_out : 0;
	lzma_end(&s);
	return n;
}

struct blob fake_compress(const struct blob *plain, enum compression compression)
{
	size_t max = plain->size + 4096, n = 0;
	struct blob b = {.data = kf_array(NULL, max, 1)};

	if (compression == COMPRESSION_GZIP)
		b.size = gzip(plain, b.data, max);
	else if (compression == COMPRESSION_ZSTD)
		b.size = ZSTD_compress(b.data, max, plain->data, plain->size, 1);
	else if (compression == COMPRESSION_LZMA)
		b.size = lzma_alone(plain, b.data, max);
	else if (lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, plain->data, plain->size,
					 b.data, &n, max) == LZMA_OK)
		b.size = n;
	return b;
}

struct blob fake_boot_image(const struct blob *kernel, enum compression compression)
{
	struct blob packed = fake_compress(kernel, compression), b = {0};
	static const char version[] = FAKE_VERSION " (me) #1";
	uint32_t at = 0x100;

	put(&b, NULL, 0x800);
	b.data[0x1f1] = 1;
	memcpy(b.data + 0x1fe, "\x55\xaa", 2);
	memcpy(b.data + 0x202, "HdrS\x0f\x02", 6);
	memcpy(b.data + 0x20e, "\x00\x01", 2);
	memcpy(b.data + 0x300, version, sizeof(version));
	memcpy(b.data + 0x248, &at, 4);
	/* Payload: behind two sectors and 0x100 bytes; the compressed stream, then the unpacked
	 * size. */
	b.size = 0x500;
	put(&b, packed.data, packed.size);
	put32(&b, (uint32_t)kernel->size);
	at = (uint32_t)packed.size + 4;
	memcpy(b.data + 0x24c, &at, 4);
	put(&b, NULL, 512);
	free(packed.data);
	return b;
}
