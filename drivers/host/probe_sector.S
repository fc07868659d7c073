# A boot sector that asks the processor for what every operating system's kernel asks, and checks each answer: string
# copies in real mode, the way through protected mode into long mode, paging with an alias, CPUID, SSE arithmetic, a trap
# through the IDT and back, and memory-mapped I/O (the local APIC). It ends by writing one byte to port 0x501, where QEMU
# puts its isa-debug-exit device: probe_passed, or the number of the check that failed (accelerator_probe.cpp names them).
#
# Loaded by the firmware at 0x7c00 in real mode. Sources: AMD64 Architecture Programmer's Manual, volume 2, chapters 1.3,
# 5.3 and 14 (entering long mode), 8 (IDT), 16.3 (APIC registers).

#define AT(label) (label - probe_sector + 0x7c00)
#define CHECK(number) movb $number, %bl

.section .rodata
.global probe_sector
.global probe_sector_end

probe_sector:
.code16
  cli
  cld
  xorw %ax, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  movw $0x7c00, %sp

  CHECK(1)
  movw $0x7c00, %si
  movw $0x6000, %di
  movw $512, %cx
  rep movsb
  movw $0x7c00, %si
  movw $0x6000, %di
  movw $512, %cx
  repe cmpsb
  jne fail16
  movw $0x1234, %ax
  addw $0x4321, %ax
  cmpw $0x5555, %ax
  jne fail16

  CHECK(2)
  inb $0x92, %al                  # the A20 gate: addresses above 1 MiB are real ones
  orb $2, %al
  andb $0xfe, %al
  outb %al, $0x92
  lgdtl AT(gdt_pointer)
  movl %cr0, %eax
  orl $1, %eax
  movl %eax, %cr0
  ljmpl $0x08, $AT(protected)
fail16:
  movb %bl, %al
  movw $0x501, %dx
  outb %al, %dx
  hlt

.code32
protected:
  movw $0x10, %ax
  movw %ax, %ds
  movw %ax, %es
  movw %ax, %ss
  movl $0x7c00, %esp
  # 0x10000 PML4, 0x11000 PDPT, 0x12000 PD of the first GiB, 0x13000 PD of the fourth, 0x14000 IDT
  movl $0x10000, %edi
  xorl %eax, %eax
  movl $0x1400, %ecx
  rep stosl
  movl $0x11003, 0x10000
  movl $0x12003, 0x11000
  movl $0x12003, 0x11008          # the second GiB shows the first once more
  movl $0x13003, 0x11018
  movl $0x83, 0x12000             # 2 MiB at 0
  movl $0xfee00093, 0x13fb8       # 2 MiB at 0xfee00000, not cached: the local APIC
  movl %cr4, %eax
  orl $0x620, %eax                # PAE, OSFXSR, OSXMMEXCPT
  movl %eax, %cr4
  movl $0x10000, %eax
  movl %eax, %cr3
  CHECK(3)
  movl $0xc0000080, %ecx          # EFER: long mode enable
  rdmsr
  orl $0x100, %eax
  wrmsr
  movl %cr0, %eax
  andl $0xfffffffb, %eax          # EM off, MP on: SSE
  orl $0x80000002, %eax
  movl %eax, %cr0
  ljmpl $0x18, $AT(long_mode)

.code64
long_mode:
  movl $0xc0000080, %ecx          # EFER: long mode active
  rdmsr
  testl $0x400, %eax
  jz fail64

  movb $4, %bpl                   # CPUID overwrites rbx: the number waits in rbp
  movl $0x80000001, %eax
  cpuid
  btl $29, %edx                   # long mode, which we are in
  movb %bpl, %bl
  jnc fail64

  CHECK(5)
  movq $0x0123456789abcdef, %rax
  movq %rax, 0x9000
  movq $0x40009000, %rsi
  cmpq %rax, (%rsi)
  jne fail64

  CHECK(6)
  movl $40, %eax
  movd %eax, %xmm0
  movl $2, %eax
  movd %eax, %xmm1
  paddd %xmm1, %xmm0
  cvtdq2ps %xmm0, %xmm2
  cvtps2dq %xmm2, %xmm3
  movd %xmm3, %eax
  cmpl $42, %eax
  jne fail64

  CHECK(7)
  movl $AT(trap), %eax
  movw %ax, 0x14030               # vector 3: an interrupt gate
  movl $0x8e000018, 0x14032
  lidt AT(idt_pointer)
  xorl %edi, %edi
  int3
  cmpl $0x600d, %edi
  jne fail64

  CHECK(8)
  movl $0xfee00030, %esi          # the APIC's version register: 0x1x in every APIC of the last thirty years
  movl (%rsi), %eax
  andl $0xf0, %eax
  cmpl $0x10, %eax
  jne fail64
  movb $0x2a, %bl
fail64:
  movb %bl, %al
  movw $0x501, %dx
  outb %al, %dx
stay:
  hlt
  jmp stay

trap:
  movl $0x600d, %edi
  iretq

.balign 8
gdt:
  .quad 0
  .quad 0x00cf9a000000ffff        # 0x08 code, 32 bit
  .quad 0x00cf92000000ffff        # 0x10 data
  .quad 0x00af9a000000ffff        # 0x18 code, 64 bit
gdt_pointer:
  .word 31
  .long AT(gdt)
idt_pointer:
  .word 4 * 16 - 1
  .quad 0x14000
.org probe_sector - probe_sector + 510, 0
  .byte 0x55, 0xaa
probe_sector_end:
.section .note.GNU-stack,"",@progbits
