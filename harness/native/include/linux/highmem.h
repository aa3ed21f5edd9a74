/* SPDX-License-Identifier: GPL-2.0-only */
/* Mappings of single pages. kmap() takes and gives the page; local mappings give back the address, in reverse order. */
#ifndef KFAIL_LINUX_HIGHMEM_H
#define KFAIL_LINUX_HIGHMEM_H

#include "build_bug.h"
#include "mm.h"
#include "string.h"
#include "uaccess.h"

void *kmap(struct page *page);
void kunmap(struct page *page);
struct page *kmap_to_page(void *addr);
void kmap_flush_unused(void);
void *kmap_local_page(struct page *page);
void *kmap_local_pfn(unsigned long pfn);
void *kmap_atomic(struct page *page);
void native_kunmap_local(const void *addr);
void native_kunmap_atomic(const void *addr);
bool PageHighMem(const struct page *page);
#define kmap_local_page_prot(page, prot) kmap_local_page(page)
#define kmap_atomic_prot(page, prot)	 kmap_atomic(page)

/* Both take the address; a page is a mistake that the compiler finds. */
#define native_no_page(addr) \
	BUILD_BUG_ON(__builtin_types_compatible_p(__typeof__(addr), struct page *))
#define kunmap_local(addr)                 \
	do {                               \
		native_no_page(addr);      \
		native_kunmap_local(addr); \
	} while (0)
#define kunmap_atomic(addr)                 \
	do {                                \
		native_no_page(addr);       \
		native_kunmap_atomic(addr); \
	} while (0)

static inline void clear_highpage(struct page *page)
{
	void *addr = kmap_local_page(page);

	clear_page(addr);
	kunmap_local(addr);
}

static inline void copy_highpage(struct page *to, struct page *from)
{
	void *vfrom = kmap_local_page(from), *vto = kmap_local_page(to);

	copy_page(vto, vfrom);
	kunmap_local(vto);
	kunmap_local(vfrom);
}

static inline void memcpy_from_page(char *to, struct page *page, size_t offset, size_t len)
{
	char *from = kmap_local_page(page);

	__builtin_memcpy(to, from + offset, len);
	kunmap_local(from);
}

static inline void memcpy_to_page(struct page *page, size_t offset, const char *from, size_t len)
{
	char *to = kmap_local_page(page);

	__builtin_memcpy(to + offset, from, len);
	kunmap_local(to);
}

static inline void memset_page(struct page *page, size_t offset, int value, size_t len)
{
	char *addr = kmap_local_page(page);

	__builtin_memset(addr + offset, value, len);
	kunmap_local(addr);
}

#define memzero_page(page, offset, len) memset_page(page, offset, 0, len)

static inline void zero_user_segments(struct page *page, unsigned int start1, unsigned int end1,
				      unsigned int start2, unsigned int end2)
{
	if (end1 > start1)
		memzero_page(page, start1, end1 - start1);
	if (end2 > start2)
		memzero_page(page, start2, end2 - start2);
}

#define zero_user(page, start, size) zero_user_segments(page, start, (start) + (size), 0, 0)

#endif
