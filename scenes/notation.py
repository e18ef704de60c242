"""The lecture's symbols by role: what formulas, labels and sentences write, and how it is spoken.

Roles are named for what they mean, not for their letter. In formulas ``@lam``, in messages ``{lam}``.
"""

from lecture.notation import Notation, Symbol

__all__ = ["NOTATION", "NOTATIONS", "SAY"]

_COUNTS = dict(enumerate(("one", "two", "three", "four", "five", "six"), start=1))

NOTATION = Notation(
    # Parameters and what is fitted.
    theta=Symbol("theta", "θ", "theta"),
    theta1=Symbol("theta_1", "θ₁", "theta one"),
    theta2=Symbol("theta_2", "θ₂", "theta two"),
    thetaj=Symbol("theta_j", "θⱼ", "theta j"),
    min=Symbol("hat(theta)", "θ̂", "theta hat", "minimizer"),
    ridge=Symbol('hat(theta)_"ridge"', "θ̂_ridge", "theta hat ridge", "ridge"),
    # Weights and bias of a linear function: one weight w, or a vector of them.
    w=Symbol("w", "w", "w"),
    weights=Symbol("bold(w)", "w", "w"),
    wj=Symbol("w_j", "wⱼ", "w j"),
    **{f"w{k}": Symbol(f"w_{k}", f"w{'₀₁₂₃₄₅₆'[k]}", f"w {spoken}") for k, spoken in _COUNTS.items()},
    wbest=Symbol("hat(w)", "ŵ", "w hat", "minimizer"),
    wridge=Symbol('hat(w)_"ridge"', "ŵ_ridge", "w hat ridge", "ridge"),
    slope=Symbol("g", "g", "g"),
    change=Symbol("Delta theta", "Δθ", "delta theta"),
    square=Symbol("v", "v", "v"),
    sign=Symbol('op("sign")', "sign", "the sign of"),
    update=Symbol("u", "u", "u"),
    lastupdate=Symbol("u_t", "uₜ", "u t"),
    update2=Symbol("u_(t-1)", "uₜ₋₁", "u t minus one"),
    update3=Symbol("u_(t-2)", "uₜ₋₂", "u t minus two"),
    bias=Symbol("b", "b", "b"),
    # Functions.
    f=Symbol("f", "f", "f"),
    f0=Symbol("f_0", "f₀", "f zero"),
    Pj=Symbol("P_j", "Pⱼ", "P j"),
    norm=Symbol("norm(bold(w))", "‖w‖", "the norm of w", "penalty"),
    # A matrix of weights, and the update of Muon.
    matrix=Symbol("W", "W", "W"),
    orthogonal=Symbol("O", "O", "O"),
    # The penalty and the descent.
    lam=Symbol("lambda", "λ", "lambda", "penalty"),
    lam1=Symbol("lambda_1", "λ₁", "lambda one", "penalty"),
    lam2=Symbol("lambda_2", "λ₂", "lambda two", "penalty"),
    lambias=Symbol("lambda_b", "λ_b", "lambda b", "penalty"),
    target=Symbol("t", "t", "t", "penalty"),
    rate=Symbol("alpha", "α", "alpha"),
    momentum=Symbol("beta", "β", "beta"),
    steps=Symbol("tau", "τ", "tau"),
    # Risks.
    risk=Symbol("R", "R", "R"),
    regrisk=Symbol('R_"reg"', "R_reg", "R regularized"),
    model=Symbol("tilde(R)", "R̃", "R tilde"),
    regmodel=Symbol('tilde(R)_"reg"', "R̃_reg", "R tilde regularized"),
    gradient=Symbol("nabla R", "∇R", "the gradient of R"),
    modelgradient=Symbol("nabla tilde(R)", "∇R̃", "the gradient of R tilde"),
    loss=Symbol("L", "L", "L"),
    regloss=Symbol('L_"reg"', "L_reg", "L regularized"),
    # The Hessian and its eigenbasis.
    hessian=Symbol("H", "H", "H"),
    Q=Symbol("Q", "Q", "Q"),
    QT=Symbol("Q^top", "Qᵀ", "Q transposed"),
    Sigma=Symbol("Sigma", "Σ", "capital sigma"),
    identity=Symbol("I", "I", "I"),
    diag=Symbol('op("diag")', "diag", "the diagonal matrix of"),
    sigma=Symbol("sigma", "σ", "sigma"),
    sj=Symbol("sigma_j", "σⱼ", "sigma j"),
    s1=Symbol("sigma_1", "σ₁", "sigma one", "eig1"),
    s2=Symbol("sigma_2", "σ₂", "sigma two", "eig2"),
    j=Symbol("j", "j", "j"),
    qj=Symbol("q_j", "qⱼ", "q j"),
    q1=Symbol("q_1", "q₁", "q one", "eig1"),
    q2=Symbol("q_2", "q₂", "q two", "eig2"),
    z1=Symbol("z_1", "z₁", "z one", "eig1"),
    z2=Symbol("z_2", "z₂", "z two", "eig2"),
    way=Symbol("u", "u", "u"),
    # Classification.
    output=Symbol("o", "o", "o"),
    outputk=Symbol("o_k", "oₖ", "o k"),
    outputj=Symbol("o_j", "oⱼ", "o j"),
    wk=Symbol("w_k", "wₖ", "w k"),
    probability=Symbol("p", "p", "p"),
    pk=Symbol("p_k", "pₖ", "p k"),
    feature=Symbol("x", "x", "x"),
    # Data.
    X=Symbol("X", "X", "X"),
    y=Symbol("y", "y", "y"),
    x=Symbol("x", "x", "x"),
    xi=Symbol("x_i", "xᵢ", "x i"),
    yi=Symbol("y_i", "yᵢ", "y i"),
    inputs=Symbol("bold(x)", "x", "x"),
    inputsi=Symbol("bold(x)_i", "xᵢ", "x i"),
    **{f"x{k}": Symbol(f"x_{k}", f"x{'₀₁₂₃₄₅₆'[k]}", f"x {spoken}") for k, spoken in _COUNTS.items()},
    n=Symbol("n", "n", "n"),
    batch=Symbol("cal(B)", "𝓑", "the batch"),
    rowrisk=Symbol("R_i", "Rᵢ", "R i"),
    rowgradient=Symbol("nabla R_i", "∇Rᵢ", "the gradient of R i"),
    i=Symbol("i", "i", "i"),
    # Statistics.
    density=Symbol("p", "p", "p"),
    noise=Symbol("epsilon", "ε", "epsilon"),
    noisevariance=Symbol("s_epsilon^2", "s_ε²", "s epsilon squared"),
    priorvariance=Symbol("s_theta^2", "s_θ²", "s theta squared"),
    XT=Symbol("X^top", "Xᵀ", "X transposed"),
    residual=Symbol("e_i", "eᵢ", "e i"),
    leverage=Symbol("h_i", "hᵢ", "h i"),
    missed=Symbol("m_i", "mᵢ", "m i"),
    # One step of descent, and any step's length.
    new=Symbol('theta_"new"', "θ_new", "theta new"),
    length=Symbol("ell", "ℓ", "ell"),
)

# Terms whose pronunciation no dictionary has, as they are spoken.
SAY = {
    "eigen": "I-gun",
    "eigenbasis": "I-gun basis",
    "eigencomponent": "I-gun component",
    "eigencomponents": "I-gun components",
    "eigendirection": "I-gun direction",
    "eigendirections": "I-gun directions",
    "overfit": "over fit",
    "semidefinite": "semi definite",
    "bfloat16": "B float sixteen",
    "I2ML": "I two M L",
}

#: By name: the lecture's own; and that of most software, with weights w and a penalty of strength α.
NOTATIONS = {
    "theta": NOTATION,
    "w": NOTATION.with_symbols(
        {
            "theta": "w",
            "theta1": "w_1",
            "theta2": "w_2",
            "thetaj": "w_j",
            "min": "hat(w)",
            "ridge": 'hat(w)_"ridge"',
            "lam": "alpha",
            "rate": "eta",
        }
    ),
}
